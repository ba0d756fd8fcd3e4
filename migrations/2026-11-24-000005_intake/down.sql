drop table sealed.outcome, eligibility, formal_check, partner, submission, reminder, draft_history, draft, proposal_stage, proposal;
