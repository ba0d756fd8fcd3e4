drop table call_change, commitment, participation, call_action_item, stage, call;
