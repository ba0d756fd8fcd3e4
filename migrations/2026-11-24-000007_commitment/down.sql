drop table sealed.letter, sealed.selection_line, sealed.selection;
