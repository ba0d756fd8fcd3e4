drop table join_request, question_answer, question, call_document, call_version, commitment, participation, call_action_item, stage, call;
