drop table sealed.ranking_list, sealed.consensus, sealed.review, sealed.publication, sealed.named_persons, sealed.conflict, sealed.expert;
