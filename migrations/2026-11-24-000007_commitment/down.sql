drop table sealed.project_action_item, sealed.amendment_letter, sealed.letter, sealed.invitation_deviation, sealed.invitation_decision, sealed.scenario, sealed.selection_line, sealed.selection;
