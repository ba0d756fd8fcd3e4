drop view sealed.wall;
drop table sealed.ethics_assessment, sealed.rebuttal, sealed.ranking_list, sealed.consensus, sealed.review, sealed.affinity, sealed.publication, sealed.named_persons, sealed.own_conflict, sealed.conflict, sealed.expert;
