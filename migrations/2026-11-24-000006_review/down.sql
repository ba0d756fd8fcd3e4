drop view sealed.wall;
drop table sealed.ethics_assessment, sealed.rebuttal, sealed.ranking_list, sealed.conformity_report, sealed.summary_report, sealed.panel_message, sealed.panel_meeting, sealed.rapporteur, sealed.consensus, sealed.review, sealed.affinity, sealed.publication, sealed.named_persons, sealed.own_conflict, sealed.conflict, sealed.expert;
