drop table interest, acting_for, membership, organisation, action_item, agenda;
