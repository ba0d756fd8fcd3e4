//! Breaches of reviews, rankings, selections and letters.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "expert_state_is_known",
        "update sealed.expert set state = 'somewhere'",
    ),
    (
        "review_state_is_known",
        "update sealed.review set state = 'somewhere'",
    ),
    (
        "review_says_its_call",
        "update sealed.review set call_id = '{row}'",
    ),
    (
        "nobody_reviews_under_a_conflict",
        "update sealed.conflict set standing = true; update sealed.review set state = 'submitted'",
    ),
    (
        "nobody_reviews_the_own_proposal",
        "update sealed.expert set account_id = '{coordinator}'",
    ),
    (
        "nobody_reviews_the_own_organisation",
        "update sealed.conflict set judged_because = null; update sealed.review set state = 'submitted'",
    ),
    (
        "reviewer_is_contracted",
        "update sealed.expert set declared_stages = '{1}'",
    ),
    (
        "conflicts_are_declared_after_the_deadline",
        "update sealed.expert set declared_stages = '{2,3}'",
    ),
    (
        "declarations_are_asked_for_after_the_deadline",
        "update sealed.expert set asked_stage = 3, asked_at = clock_timestamp()",
    ),
    (
        "expert_logs_in",
        "update sealed.expert set account_id = null",
    ),
    (
        "load_within_agreement",
        "update sealed.expert set stage_loads = '{\"2\": 0}'",
    ),
    (
        "stage_load_is_of_a_stage",
        "update sealed.expert set stage_loads = '{\"3\": 4}'",
    ),
    (
        "reviewed_stage_is_past_its_checks",
        "update stage set state = 'checking' where number = 2",
    ),
    (
        "review_is_held_back_once_the_others_are_read",
        "update stage set state = 'reviewing' where number = 2; update sealed.review set held_back = true",
    ),
    (
        "reviewed_proposal_is_locked",
        "update proposal_stage set state = 'lapsed'",
    ),
    (
        "submitted_review_is_dated_and_scored",
        "update sealed.review set comments = '{}'",
    ),
    (
        "label_is_given_at_the_release",
        "update sealed.review set label = null",
    ),
    ("labels_leave_no_gap", "update sealed.review set label = 2"),
    (
        "what_applicants_were_told_was_released",
        "update sealed.review set told = true, state = 'submitted'",
    ),
    (
        "review_is_due_after_its_assignment",
        "update sealed.review set due_at = assigned_at",
    ),
    (
        "certain_conflict_stands",
        "update sealed.conflict set certain = true",
    ),
    (
        "conflict_is_taken_back_by_a_correction",
        "update sealed.conflict set judged_because = null, taken_back_at = clock_timestamp()",
    ),
    (
        "noted_conflict_is_withdrawn_for_a_reason",
        "update sealed.conflict set source = 'secretariat', standing = false, taken_back_at = clock_timestamp()",
    ),
    (
        "remembered_verdict_is_on_the_same_fact",
        "update sealed.conflict set remembered_from = id",
    ),
    (
        "own_conflict_says_its_call",
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason) values ('{coordinator}', '{proposal}', '{row}', 'Friends')",
    ),
    (
        "named_persons_say_their_call",
        "insert into sealed.named_persons (proposal_id, call_id, persons) values ('{proposal}', '{row}', '[]')",
    ),
    (
        "publication_has_authors",
        "insert into sealed.publication (id, call_id, title, year, people) values ('{call}', '{call}', 'On genes', 2024, '[]')",
    ),
    (
        "expert_gender_is_known",
        "update sealed.expert set gender = 'unknown'",
    ),
    (
        "conflict_kind_is_known",
        "update sealed.conflict set kind = 'grudge'",
    ),
    (
        "rebuttal_state_is_known",
        "update sealed.rebuttal set state = 'somewhere'",
    ),
    (
        "rebuttal_says_its_call",
        "update sealed.rebuttal set call_id = '{row}'",
    ),
    (
        "reply_is_there_as_its_state_says",
        "update sealed.rebuttal set submitted = null",
    ),
    (
        "reply_follows_released_reviews",
        "delete from sealed.review",
    ),
    (
        "ethics_state_is_known",
        "update sealed.ethics_assessment set state = 'somewhere'",
    ),
    (
        "ethics_say_their_call",
        "update sealed.ethics_assessment set call_id = '{row}'",
    ),
    (
        "ethics_are_decided_as_the_state_says",
        "update sealed.ethics_assessment set decided_at = null",
    ),
    (
        "ethics_are_told_from_the_letters_on",
        "update sealed.ethics_assessment set told = '{\"outcome\": \"perhaps\"}'",
    ),
    (
        "panel_says_its_call",
        "update sealed.consensus set call_id = '{row}'",
    ),
    (
        "outcome_is_known",
        "update sealed.outcome set state = 'somewhere'",
    ),
    (
        "consensus_is_on_what_was_evaluated",
        "update sealed.outcome set state = 'ineligible'",
    ),
    ("evaluated_has_a_consensus", "delete from sealed.consensus"),
    (
        "one_ranking_is_in_force",
        "update sealed.ranking_list set state = 'revised'",
    ),
    (
        "ranking_lists_each_once",
        "update sealed.ranking_list set entries = entries || (entries -> 0)",
    ),
    (
        "ranking_lists_all_that_passed",
        "update sealed.ranking_list set entries = entries - 9",
    ),
    (
        "ranking_says_what_the_panel_agreed",
        "update sealed.consensus set total = total + 1 where proposal_stage_id = '{row}'",
    ),
    (
        "ranking_correction_keeps_what_was_before",
        "update sealed.ranking_list set reason = 'Two were swapped'",
    ),
    (
        "ranking_rests_on_the_rules",
        "update call set rules = jsonb_set(rules, '{stages,1,evaluation,criteria,0,weight}', '2') where id = '{call}'",
    ),
    (
        "ranking_is_by_total",
        "update sealed.ranking_list set entries = jsonb_set(entries, '{0,position}', '2')",
    ),
    (
        "selection_state_is_known",
        "update sealed.selection set state = 'somewhere'",
    ),
    (
        "line_state_is_known",
        "update sealed.selection_line set state = 'somewhere'",
    ),
    (
        "selection_says_its_call",
        "update sealed.selection_line set call_id = '{row}'",
    ),
    (
        "one_selection_is_in_force",
        "insert into sealed.selection (id, call_id, stage_id, number, state, engine, input, result, proposed_by) select gen_random_uuid(), call_id, stage_id, n, 'proposed', engine, input, result, proposed_by from sealed.selection, generate_series(2, 3) n",
    ),
    (
        "selections_without_gap",
        "update sealed.selection set number = 2",
    ),
    (
        "lines_are_the_result",
        "update sealed.selection_line set national = national + 1, requested = requested + 1",
    ),
    (
        "lines_share_the_eu_money",
        "update sealed.selection_line set eu = eu + 1, requested = requested + 1",
    ),
    (
        "scenario_is_of_a_funder_of_the_call",
        "insert into sealed.scenario select id, call_id, '{row}', 'shared', 'Less', '{}', engine, input, result, proposed_by, proposed_at from sealed.selection",
    ),
    (
        "scenario_leaves_out_what_it_excludes",
        "insert into sealed.scenario select id, call_id, null, 'shared', 'Less', '{\"excluded\": [\"P01\"]}', engine, input, result, proposed_by, proposed_at from sealed.selection",
    ),
    (
        "scenario_visibility_is_known",
        "insert into sealed.scenario select id, call_id, null, 'somehow', 'Less', '{}', engine, input, result, proposed_by, proposed_at from sealed.selection",
    ),
    (
        "selection_is_adopted_and_confirmed",
        "update sealed.selection set minutes = null",
    ),
    (
        "final_selection_is_accepted_by_all",
        "update sealed.selection_line set state = 'refused'",
    ),
    (
        "answer_comes_after_the_confirmation",
        "update sealed.selection set confirmed_at = clock_timestamp()",
    ),
    (
        "answer_names_who",
        "update sealed.selection_line set answered_by = null",
    ),
    (
        "call_is_selected_by_a_final_selection",
        "update call set state = 'evaluation'",
    ),
    (
        "selected_is_what_the_selection_says",
        "update sealed.outcome set state = 'reserve' where state = 'selected'",
    ),
    (
        "classified_project_is_funded",
        "insert into sealed.project_action_item select p.id, i.id, p.call_id, 10000 from proposal p, action_item i where p.number = 'P03' and i.number = 'A.7'",
    ),
    (
        "classification_makes_a_whole",
        "insert into sealed.project_action_item select p.id, i.id, p.call_id, 9999 from proposal p, action_item i where p.number = 'P01' and i.number = 'A.7'",
    ),
    (
        "selection_is_on_the_audit_trail",
        "update audit set action = 'adopt_selection' where action = 'propose_selection'",
    ),
    (
        "outcome_says_its_call",
        "update sealed.letter set call_id = '{row}'",
    ),
    (
        "released_means_all_of_it",
        "update sealed.outcome set released_at = null",
    ),
    (
        "released_outcome_has_a_letter",
        "update sealed.letter set outcome = 'reserve' where outcome = 'selected'",
    ),
    (
        "letter_tells_a_released_outcome",
        "update sealed.outcome set released_at = null, released_state = null",
    ),
    (
        "nothing_is_told_before_the_letters",
        "update stage set state = 'decided' where number = 2",
    ),
    ("all_letters_go_out_together", "delete from sealed.letter"),
];
