drop table partner_member, partner_invitation, sealed.outcome, eligibility, formal_check, partner, deadline_exception, submission, reminder, draft_history, draft, proposal_stage, proposal;
