drop table sealed.ranking_list, sealed.consensus, sealed.review, sealed.conflict, sealed.expert;
