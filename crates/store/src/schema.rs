//! The tables as diesel sees them. A test compares them with the migrated database.

#![allow(
    missing_docs,
    reason = "the columns are documented where they are made, in migrations/"
)]

diesel::table! {
    account (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        orcid -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Bytea>,
        totp_confirmed_at -> Nullable<Timestamptz>,
        totp_last_step -> Int8,
        email_confirmed_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    acting_for (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        acts_for_id -> Uuid,
        reason -> Text,
        since -> Nullable<Date>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    action_item (id) {
        id -> Uuid,
        agenda_id -> Uuid,
        position -> Int4,
        number -> Text,
        part -> Text,
        category -> Text,
        title -> Text,
        summary -> Text,
        time_frames -> Array<Text>,
        scopes -> Array<Text>,
    }
}

diesel::table! {
    agenda (id) {
        id -> Uuid,
        code -> Text,
        title -> Text,
        year -> Int4,
        version -> Int4,
        content_sha256 -> Text,
        loaded_at -> Timestamptz,
    }
}

diesel::table! {
    audit (id) {
        id -> Uuid,
        chain -> Uuid,
        call_id -> Nullable<Uuid>,
        at -> Timestamptz,
        account_id -> Nullable<Uuid>,
        worn -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> Uuid,
        object_version -> Nullable<Int4>,
        reason -> Nullable<Text>,
        detail -> Jsonb,
        salt -> Bytea,
        digest -> Bytea,
    }
}

diesel::table! {
    audit_head (chain, seq) {
        chain -> Uuid,
        seq -> Int8,
        hash -> Bytea,
        key_id -> Text,
        signature -> Bytea,
        signed_at -> Timestamptz,
    }
}

diesel::table! {
    audit_link (chain, seq) {
        chain -> Uuid,
        seq -> Int8,
        audit_id -> Uuid,
        hash -> Bytea,
        sealed_at -> Timestamptz,
    }
}

diesel::table! {
    call (id) {
        id -> Uuid,
        code -> Text,
        title -> Text,
        topic -> Text,
        year -> Int4,
        state -> Text,
        rehearsal -> Bool,
        rules -> Jsonb,
        milestones -> Jsonb,
        budget -> Nullable<Int8>,
        funders_total -> Nullable<Int4>,
        countries_total -> Nullable<Int4>,
        doubts -> Jsonb,
        proposals_numbered -> Int4,
        version -> Int4,
        memorandum -> Nullable<Text>,
        cancelled_because -> Nullable<Text>,
        created_at -> Timestamptz,
        opened_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    call_action_item (call_id, action_item_id) {
        call_id -> Uuid,
        action_item_id -> Uuid,
        share -> Int4,
    }
}

diesel::table! {
    call_document (id) {
        id -> Uuid,
        call_id -> Uuid,
        key -> Text,
        number -> Int4,
        kind -> Text,
        title -> Text,
        media_type -> Text,
        size -> Int4,
        sha256 -> Text,
        content -> Nullable<Bytea>,
        at -> Timestamptz,
    }
}

diesel::table! {
    call_version (id) {
        id -> Uuid,
        call_id -> Uuid,
        number -> Int4,
        at -> Timestamptz,
        change -> Text,
        reason -> Text,
        document -> Jsonb,
    }
}

diesel::table! {
    commitment (id) {
        id -> Uuid,
        call_id -> Uuid,
        participation_id -> Uuid,
        number -> Int4,
        kind -> Text,
        amount -> Int8,
        own_amount -> Nullable<Int8>,
        currency -> Nullable<Text>,
        rate -> Nullable<Int8>,
        reason -> Text,
        sha256 -> Nullable<Text>,
        unfreezing_id -> Nullable<Uuid>,
        pledged_by -> Nullable<Uuid>,
        pledged_at -> Timestamptz,
    }
}

diesel::table! {
    commitment_topic (commitment_id, topic) {
        commitment_id -> Uuid,
        topic -> Text,
        call_id -> Uuid,
        amount -> Int8,
    }
}

diesel::table! {
    confirmation_reminder (proposal_stage_id, partner_id, hours, deadline_at) {
        proposal_stage_id -> Uuid,
        partner_id -> Uuid,
        call_id -> Uuid,
        hours -> Int4,
        deadline_at -> Timestamptz,
        at -> Timestamptz,
    }
}

diesel::table! {
    consortium_change (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        number -> Int4,
        kind -> Text,
        partner_id -> Uuid,
        becomes -> Nullable<Jsonb>,
        reason -> Text,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    deadline_exception (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        number -> Int4,
        deadline_at -> Timestamptz,
        until -> Timestamptz,
        reason -> Text,
        given_by -> Uuid,
        given_at -> Timestamptz,
    }
}

diesel::table! {
    draft (proposal_stage_id) {
        proposal_stage_id -> Uuid,
        call_id -> Uuid,
        content -> Jsonb,
        version -> Int4,
        saved_at -> Timestamptz,
    }
}

diesel::table! {
    draft_history (proposal_stage_id, version) {
        proposal_stage_id -> Uuid,
        version -> Int4,
        call_id -> Uuid,
        content -> Jsonb,
        saved_by -> Uuid,
        saved_at -> Timestamptz,
    }
}

diesel::table! {
    eligibility (partner_row_id) {
        partner_row_id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        participation_id -> Nullable<Uuid>,
        state -> Text,
        fundable -> Nullable<Int8>,
        rule -> Nullable<Text>,
        reason -> Nullable<Text>,
        judged_by -> Nullable<Uuid>,
        judged_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    file (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_id -> Uuid,
        sha256 -> Text,
        name -> Text,
        bytes -> Int8,
        media_type -> Text,
        pages -> Nullable<Int4>,
        uploaded_by -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    formal_check (proposal_stage_id) {
        proposal_stage_id -> Uuid,
        call_id -> Uuid,
        verdict -> Text,
        reason -> Text,
        checked_by -> Uuid,
        checked_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    idempotency_key (actor, route, key) {
        actor -> Uuid,
        route -> Text,
        key -> Text,
        body_sha256 -> Bytea,
        answer -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    installation (id) {
        id -> Uuid,
        only_one -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    interest (id) {
        id -> Uuid,
        action_item_id -> Uuid,
        organisation_id -> Uuid,
        amount -> Nullable<Int8>,
        remark -> Text,
        stated_by -> Nullable<Uuid>,
        stated_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::table! {
    invitation (id) {
        id -> Uuid,
        call_id -> Nullable<Uuid>,
        email -> Text,
        role -> Text,
        organisation_id -> Nullable<Uuid>,
        token_hash -> Bytea,
        invited_by -> Nullable<Uuid>,
        hands_over -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        accepted_by -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    join_request (id) {
        id -> Uuid,
        call_id -> Uuid,
        organisation_id -> Uuid,
        amount -> Nullable<Int8>,
        remark -> Text,
        asked_by -> Nullable<Uuid>,
        asked_at -> Timestamptz,
        declined_because -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    login_failure (subject, source) {
        subject -> Bytea,
        source -> Text,
        failures -> Int4,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    membership (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        body -> Text,
        kind -> Text,
        as_of -> Date,
    }
}

diesel::table! {
    notice_off (account_id, kind) {
        account_id -> Uuid,
        kind -> Text,
    }
}

diesel::table! {
    organisation (id) {
        id -> Uuid,
        key -> Text,
        name -> Text,
        native_name -> Nullable<Text>,
        acronym -> Nullable<Text>,
        country -> Nullable<Text>,
        region -> Nullable<Text>,
        ror -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (id) {
        id -> Uuid,
        call_id -> Nullable<Uuid>,
        recipient -> Text,
        template -> Text,
        context -> Jsonb,
        message_id -> Text,
        state -> Text,
        attempts -> Int4,
        next_at -> Timestamptz,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    participation (id) {
        id -> Uuid,
        call_id -> Uuid,
        organisation_id -> Uuid,
        commitment -> Int8,
        decided -> Int8,
        available -> Nullable<Int8>,
        terms -> Jsonb,
        version -> Int4,
        joined_at -> Timestamptz,
        joined -> Nullable<Date>,
        left_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    partner (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        partner_id -> Uuid,
        position -> Int4,
        role -> Text,
        organisation -> Text,
        country -> Nullable<Text>,
        sector -> Nullable<Text>,
        investigator -> Text,
        participation_id -> Nullable<Uuid>,
        requested -> Int8,
        came_by -> Nullable<Uuid>,
        gone_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    partner_invitation (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_id -> Uuid,
        partner_id -> Uuid,
        email -> Text,
        token_hash -> Bytea,
        invited_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        claimed_at -> Nullable<Timestamptz>,
        claimed_by -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    partner_member (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_id -> Uuid,
        partner_id -> Uuid,
        account_id -> Uuid,
        invitation_id -> Uuid,
        joined_at -> Timestamptz,
        confirmed_in -> Nullable<Uuid>,
        confirmed_at -> Nullable<Timestamptz>,
        confirmed_sha256 -> Nullable<Text>,
        left_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    proposal (id) {
        id -> Uuid,
        call_id -> Uuid,
        number -> Text,
        coordinator_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    proposal_stage (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_id -> Uuid,
        stage_id -> Uuid,
        state -> Text,
        submitted -> Int4,
        withdrawn_because -> Nullable<Text>,
        version -> Int4,
        imported_as -> Nullable<Text>,
    }
}

diesel::table! {
    reminder (proposal_stage_id, hours, deadline_at) {
        proposal_stage_id -> Uuid,
        call_id -> Uuid,
        hours -> Int4,
        deadline_at -> Timestamptz,
        at -> Timestamptz,
    }
}

diesel::table! {
    query (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        partner_row_id -> Uuid,
        question -> Text,
        answer_by -> Timestamptz,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        state -> Text,
        answer -> Nullable<Text>,
        closed_because -> Nullable<Text>,
        settled_by -> Nullable<Uuid>,
        settled_at -> Nullable<Timestamptz>,
        reminded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    question (id) {
        id -> Uuid,
        call_id -> Uuid,
        asked_by -> Nullable<Uuid>,
        asked_at -> Timestamptz,
        asked -> Text,
        answers -> Int4,
        version -> Int4,
    }
}

diesel::table! {
    question_answer (id) {
        id -> Uuid,
        call_id -> Uuid,
        question_id -> Uuid,
        number -> Int4,
        at -> Timestamptz,
        question -> Text,
        answer -> Text,
    }
}

diesel::table! {
    received_document (proposal_stage_id, partner_id, title) {
        proposal_stage_id -> Uuid,
        partner_id -> Uuid,
        title -> Text,
        call_id -> Uuid,
        received_on -> Date,
        note -> Text,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    recovery_code (account_id, hash) {
        account_id -> Uuid,
        hash -> Bytea,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    role_grant (id) {
        id -> Uuid,
        account_id -> Uuid,
        call_id -> Nullable<Uuid>,
        role -> Text,
        organisation_id -> Nullable<Uuid>,
        granted_by -> Nullable<Uuid>,
        granted_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stage (id) {
        id -> Uuid,
        call_id -> Uuid,
        number -> Int4,
        kind -> Text,
        state -> Text,
        opens_at -> Nullable<Timestamptz>,
        deadline_at -> Timestamptz,
        zone -> Text,
        label -> Text,
        moved -> Int4,
        under_represented -> Array<Text>,
        version -> Int4,
    }
}

diesel::table! {
    submission (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        number -> Int4,
        content -> Jsonb,
        content_sha256 -> Text,
        submitted_by -> Uuid,
        submitted_at -> Timestamptz,
        receipt -> Nullable<Jsonb>,
    }
}

diesel::table! {
    token (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        hash -> Bytea,
        label -> Text,
        scopes -> Array<Text>,
        strong -> Bool,
        payload -> Nullable<Text>,
        desk_call_id -> Nullable<Uuid>,
        authenticated_at -> Timestamptz,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    topic_money (participation_id, topic) {
        participation_id -> Uuid,
        topic -> Text,
        call_id -> Uuid,
        commitment -> Int8,
        decided -> Int8,
        available -> Nullable<Int8>,
    }
}

diesel::table! {
    upload (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_id -> Uuid,
        name -> Text,
        bytes -> Int8,
        announced_sha256 -> Nullable<Text>,
        received -> Int8,
        file_id -> Nullable<Uuid>,
        refused -> Nullable<Jsonb>,
        uploaded_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    waiver (id) {
        id -> Uuid,
        call_id -> Uuid,
        proposal_stage_id -> Uuid,
        rule -> Text,
        reasons -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        comment -> Nullable<Text>,
        state -> Text,
        decided_because -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

/// The confidential tables.
pub mod sealed {
    diesel::table! {
        sealed.budget_unfreezing (id) {
            id -> Uuid,
            call_id -> Uuid,
            participation_id -> Uuid,
            reason -> Text,
            granted_by -> Uuid,
            granted_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.commitment_default (id) {
            id -> Uuid,
            call_id -> Uuid,
            participation_id -> Uuid,
            selection_id -> Uuid,
            reason -> Text,
            evidence -> Text,
            goes_on -> Jsonb,
            recorded_by -> Uuid,
            recorded_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.commitment_document (participation_id, sha256) {
            participation_id -> Uuid,
            sha256 -> Text,
            call_id -> Uuid,
            size -> Int4,
            content -> Bytea,
            signed_by -> Text,
            signed_as -> Text,
            signed_on -> Date,
            filed_by -> Uuid,
            filed_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.commitment_note (participation_id) {
            participation_id -> Uuid,
            call_id -> Uuid,
            text -> Text,
            written_by -> Uuid,
            written_at -> Timestamptz,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.affinity (stage_id, proposal_id, expert_id) {
            stage_id -> Uuid,
            proposal_id -> Uuid,
            expert_id -> Uuid,
            call_id -> Uuid,
            millionths -> Int4,
        }
    }

    diesel::table! {
        sealed.conflict (id) {
            id -> Uuid,
            call_id -> Uuid,
            expert_id -> Uuid,
            proposal_id -> Uuid,
            kind -> Text,
            about -> Text,
            certain -> Bool,
            evidence -> Text,
            source -> Text,
            standing -> Bool,
            judged_because -> Nullable<Text>,
            version -> Int4,
            found_at -> Timestamptz,
            stands_since -> Timestamptz,
            taken_back_at -> Nullable<Timestamptz>,
            remembered_from -> Nullable<Uuid>,
        }
    }

    diesel::table! {
        sealed.conformity_report (stage_id) {
            stage_id -> Uuid,
            call_id -> Uuid,
            state -> Text,
            conclusion -> Nullable<Text>,
            findings -> Text,
            recommendations -> Text,
            written_by -> Uuid,
            filed_by -> Nullable<Uuid>,
            filed_at -> Nullable<Timestamptz>,
            sha256 -> Nullable<Text>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.consensus (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            scores -> Jsonb,
            total -> Int4,
            above_thresholds -> Bool,
            rating -> Text,
            comment -> Text,
            recorded_by -> Uuid,
            recorded_at -> Timestamptz,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.ethics_assessment (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            state -> Text,
            expert_id -> Nullable<Uuid>,
            conditions -> Jsonb,
            comment -> Text,
            decided_by -> Nullable<Uuid>,
            decided_at -> Nullable<Timestamptz>,
            told -> Nullable<Jsonb>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.expert (id) {
            id -> Uuid,
            call_id -> Uuid,
            account_id -> Nullable<Uuid>,
            email -> Text,
            name -> Text,
            organisation -> Text,
            department -> Text,
            ror -> Nullable<Text>,
            orcid -> Nullable<Text>,
            country -> Nullable<Text>,
            gender -> Nullable<Text>,
            languages -> Array<Text>,
            keywords -> Array<Text>,
            modules -> Array<Text>,
            statement -> Text,
            affiliations -> Jsonb,
            state -> Text,
            role -> Text,
            max_load -> Int4,
            stage_loads -> Jsonb,
            nominated_by -> Nullable<Uuid>,
            declined_because -> Nullable<Text>,
            declared_at -> Nullable<Timestamptz>,
            declared_stages -> Array<Int4>,
            asked_stage -> Nullable<Int4>,
            asked_at -> Nullable<Timestamptz>,
            version -> Int4,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.invitation_condition (id) {
            id -> Uuid,
            call_id -> Uuid,
            proposal_stage_id -> Uuid,
            number -> Int4,
            demand -> Jsonb,
            text -> Text,
            until -> Timestamptz,
            met_because -> Nullable<Text>,
            met_by -> Nullable<Uuid>,
            met_at -> Nullable<Timestamptz>,
            reminded_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        sealed.amendment_letter (selection_id, proposal_stage_id) {
            selection_id -> Uuid,
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            outcome -> Text,
            body -> Text,
            released_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.invitation_decision (stage_id) {
            stage_id -> Uuid,
            call_id -> Uuid,
            policy -> Nullable<Text>,
            limit_ratio -> Nullable<Int4>,
            reason -> Text,
            decided_by -> Uuid,
            decided_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.invitation_deviation (stage_id, proposal_id) {
            stage_id -> Uuid,
            proposal_id -> Uuid,
            call_id -> Uuid,
            invited -> Bool,
            reason -> Text,
        }
    }

    diesel::table! {
        sealed.letter (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            outcome -> Text,
            body -> Text,
            written_at -> Timestamptz,
            released_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.named_persons (proposal_id) {
            proposal_id -> Uuid,
            call_id -> Uuid,
            persons -> Jsonb,
        }
    }

    diesel::table! {
        sealed.note (proposal_stage_id, partner_id, organisation_id) {
            proposal_stage_id -> Uuid,
            partner_id -> Uuid,
            organisation_id -> Uuid,
            call_id -> Uuid,
            text -> Text,
            written_by -> Uuid,
            written_at -> Timestamptz,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.outcome (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            state -> Text,
            condition -> Nullable<Text>,
            version -> Int4,
            decided_at -> Timestamptz,
            released_state -> Nullable<Text>,
            released_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        sealed.own_conflict (id) {
            id -> Uuid,
            account_id -> Uuid,
            proposal_id -> Uuid,
            call_id -> Uuid,
            kind -> Text,
            about -> Text,
            source -> Text,
            reason -> Text,
            standing -> Bool,
            judged_because -> Nullable<Text>,
            version -> Int4,
            declared_at -> Timestamptz,
            stands_since -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.panel_meeting (stage_id) {
            stage_id -> Uuid,
            call_id -> Uuid,
            meets_at -> Timestamptz,
            place -> Text,
            online -> Bool,
            convened_by -> Uuid,
            convened_at -> Timestamptz,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.panel_message (id) {
            id -> Uuid,
            call_id -> Uuid,
            proposal_stage_id -> Uuid,
            written_by -> Uuid,
            text -> Text,
            written_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.project_action_item (proposal_id, action_item_id) {
            proposal_id -> Uuid,
            action_item_id -> Uuid,
            call_id -> Uuid,
            share -> Int4,
        }
    }

    diesel::table! {
        sealed.publication (id) {
            id -> Uuid,
            call_id -> Uuid,
            title -> Text,
            year -> Int4,
            people -> Jsonb,
        }
    }

    diesel::table! {
        sealed.ranking_list (id) {
            id -> Uuid,
            call_id -> Uuid,
            stage_id -> Uuid,
            number -> Int4,
            state -> Text,
            input -> Jsonb,
            entries -> Jsonb,
            adopted_by -> Nullable<Uuid>,
            adopted_at -> Nullable<Timestamptz>,
            reason -> Nullable<Text>,
            corrected -> Nullable<Jsonb>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.rapporteur (proposal_stage_id, expert_id) {
            proposal_stage_id -> Uuid,
            expert_id -> Uuid,
            call_id -> Uuid,
            position -> Int4,
            named_by -> Uuid,
            named_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.rebuttal (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            opens_at -> Timestamptz,
            closes_at -> Timestamptz,
            state -> Text,
            draft -> Jsonb,
            submitted -> Nullable<Jsonb>,
            submitted_by -> Nullable<Uuid>,
            submitted_at -> Nullable<Timestamptz>,
            reopened_at -> Nullable<Timestamptz>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.redress (id) {
            id -> Uuid,
            call_id -> Uuid,
            proposal_stage_id -> Uuid,
            state -> Text,
            ground -> Text,
            reasons -> Text,
            filed_by -> Uuid,
            filed_at -> Timestamptz,
            checked_because -> Nullable<Text>,
            checked_by -> Nullable<Uuid>,
            checked_at -> Nullable<Timestamptz>,
            followed -> Nullable<Bool>,
            finding -> Nullable<Text>,
            found_by -> Nullable<Uuid>,
            found_at -> Nullable<Timestamptz>,
            decided_because -> Nullable<Text>,
            decided_by -> Nullable<Uuid>,
            decided_at -> Nullable<Timestamptz>,
            consensus_before -> Nullable<Jsonb>,
            ranking_list_id -> Nullable<Uuid>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.redress_letter (redress_id) {
            redress_id -> Uuid,
            call_id -> Uuid,
            outcome -> Text,
            body -> Text,
            released_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.review (id) {
            id -> Uuid,
            call_id -> Uuid,
            stage_id -> Uuid,
            proposal_id -> Uuid,
            expert_id -> Uuid,
            state -> Text,
            affinity -> Int4,
            scores -> Jsonb,
            comments -> Jsonb,
            remark -> Text,
            returned_because -> Nullable<Text>,
            version -> Int4,
            assigned_at -> Timestamptz,
            due_at -> Timestamptz,
            reminded_at -> Nullable<Timestamptz>,
            submitted_at -> Nullable<Timestamptz>,
            released_at -> Nullable<Timestamptz>,
            label -> Nullable<Int4>,
            told -> Bool,
            held_back -> Bool,
        }
    }

    diesel::table! {
        sealed.scenario (id) {
            id -> Uuid,
            call_id -> Uuid,
            organisation_id -> Nullable<Uuid>,
            visibility -> Text,
            name -> Text,
            overrides -> Jsonb,
            engine -> Text,
            input -> Jsonb,
            result -> Jsonb,
            made_by -> Uuid,
            made_at -> Timestamptz,
        }
    }

    diesel::table! {
        sealed.selection (id) {
            id -> Uuid,
            call_id -> Uuid,
            stage_id -> Uuid,
            number -> Int4,
            state -> Text,
            engine -> Text,
            input -> Jsonb,
            result -> Jsonb,
            scenario_id -> Nullable<Uuid>,
            amends -> Nullable<Uuid>,
            cause -> Nullable<Text>,
            reason -> Nullable<Text>,
            proposed_by -> Uuid,
            proposed_at -> Timestamptz,
            minutes -> Nullable<Jsonb>,
            adopted_by -> Nullable<Uuid>,
            adopted_at -> Nullable<Timestamptz>,
            confirmed_by -> Nullable<Uuid>,
            confirmed_at -> Nullable<Timestamptz>,
            finalised_at -> Nullable<Timestamptz>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.selection_line (id) {
            id -> Uuid,
            call_id -> Uuid,
            selection_id -> Uuid,
            participation_id -> Uuid,
            requested -> Int8,
            eu -> Int8,
            national -> Int8,
            state -> Text,
            reason -> Nullable<Text>,
            answered_by -> Nullable<Uuid>,
            answered_at -> Nullable<Timestamptz>,
            carried_from -> Nullable<Int4>,
            version -> Int4,
        }
    }

    diesel::table! {
        sealed.summary_report (proposal_stage_id) {
            proposal_stage_id -> Uuid,
            call_id -> Uuid,
            state -> Text,
            proposed -> Jsonb,
            comments -> Jsonb,
            written_by -> Uuid,
            approved_by -> Nullable<Uuid>,
            approved_at -> Nullable<Timestamptz>,
            report -> Nullable<Jsonb>,
            frozen_at -> Nullable<Timestamptz>,
            version -> Int4,
        }
    }

    // A view, of no key: an expert may have several conflicts with one proposal.
    diesel::table! {
        sealed.wall (account_id, proposal_id) {
            account_id -> Uuid,
            proposal_id -> Uuid,
            call_id -> Uuid,
        }
    }

    diesel::table! {
        sealed.waiver_stand (waiver_id, organisation_id) {
            waiver_id -> Uuid,
            organisation_id -> Uuid,
            call_id -> Uuid,
            stand -> Text,
            remark -> Text,
            stated_by -> Uuid,
            stated_at -> Timestamptz,
        }
    }
}

use sealed::{
    affinity, amendment_letter, commitment_default, conflict, conformity_report, consensus,
    ethics_assessment, expert, invitation_condition, letter, named_persons, note, outcome,
    own_conflict, panel_meeting, panel_message, project_action_item, publication, ranking_list,
    rapporteur, rebuttal, redress, redress_letter, review, scenario, selection, selection_line,
    summary_report, waiver_stand, wall,
};

diesel::allow_tables_to_appear_in_same_query!(
    account,
    acting_for,
    action_item,
    affinity,
    agenda,
    amendment_letter,
    audit,
    audit_head,
    audit_link,
    call,
    call_action_item,
    call_document,
    call_version,
    commitment,
    commitment_default,
    commitment_topic,
    confirmation_reminder,
    consortium_change,
    deadline_exception,
    draft,
    draft_history,
    eligibility,
    file,
    formal_check,
    idempotency_key,
    installation,
    interest,
    invitation,
    join_request,
    login_failure,
    membership,
    notice_off,
    organisation,
    outbox,
    participation,
    partner,
    partner_invitation,
    partner_member,
    proposal,
    proposal_stage,
    query,
    question,
    question_answer,
    received_document,
    recovery_code,
    reminder,
    role_grant,
    stage,
    submission,
    token,
    topic_money,
    upload,
    waiver,
    conflict,
    conformity_report,
    consensus,
    ethics_assessment,
    expert,
    invitation_condition,
    letter,
    named_persons,
    note,
    outcome,
    own_conflict,
    panel_meeting,
    panel_message,
    project_action_item,
    publication,
    ranking_list,
    rapporteur,
    rebuttal,
    redress,
    redress_letter,
    review,
    scenario,
    selection,
    selection_line,
    summary_report,
    waiver_stand,
    wall,
);
