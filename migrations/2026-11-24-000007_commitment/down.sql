drop table sealed.project_action_item, sealed.amendment_letter, sealed.letter, sealed.scenario, sealed.selection_line, sealed.selection;
