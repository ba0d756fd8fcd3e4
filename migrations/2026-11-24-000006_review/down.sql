drop table sealed.ranking_list, sealed.consensus, sealed.review, sealed.publication, sealed.conflict, sealed.expert;
