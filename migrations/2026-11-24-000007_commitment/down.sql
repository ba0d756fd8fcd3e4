drop table sealed.redress_letter, sealed.redress, sealed.project_action_item, sealed.letter, sealed.scenario, sealed.selection_line, sealed.selection;
