drop table sealed.ethics_assessment, sealed.rebuttal, sealed.ranking_list, sealed.consensus, sealed.review, sealed.conflict, sealed.expert;
