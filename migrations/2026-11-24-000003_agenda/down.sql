drop table acting_for, membership, organisation, action_item, agenda;
