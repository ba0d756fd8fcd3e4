//! Conflicts of interest: found, declared, judged, and what they keep away.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, nomination};
use serde_json::{Value, json};

#[tokio::test]
async fn nobody_reviews_a_proposal_of_the_own_institute() {
    let story = Evaluation::begin().await;
    let others = story.three().await;
    let experts = story
        .ready(&[nomination(
            "Wim Own",
            "institute  ADA 0",
            "w@west.example",
            "remote_reviewer",
        )])
        .await;
    let assigned = story.assign(3).await.expect(200);
    let pairs = assigned.json["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 9);
    assert!(
        pairs
            .iter()
            .all(|pair| pair["name"] != "Wim Own" || pair["proposal"] != story.proposal(0))
    );
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected standing"]
    );
    let pair = json!({"proposal": story.proposal(0), "expert": experts[0].id});
    let path = story.stage("assignments");
    let refused = story
        .office
        .post(&path)
        .json(&pair)
        .send()
        .await
        .expect(409);
    assert_eq!(refused.code(), "conflict_of_interest");
    assert_eq!(refused.faults(), ["/expert same_institution"]);
    let detail = refused.json["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Remedy: choose another expert"), "{detail}");
    // Four reviewers of each do not exist for the first proposal; the answer says of whom it is short, and what would
    // mend it.
    let short = story.assign(4).await.expect(409);
    assert_eq!(short.faults(), [" infeasible", " infeasible", " kept_away"]);
    let away = short.json["errors"][2]["detail"].as_str().unwrap();
    assert!(away.contains("Wim Own by a conflict of interest"), "{away}");
    let mend = short.json["errors"][1]["detail"].as_str().unwrap();
    assert!(mend.starts_with("Smallest change: "), "{mend}");
    let why = short.json["errors"][0]["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    let number = pairs
        .iter()
        .find(|pair| pair["proposal"] == story.proposal(0))
        .unwrap();
    assert!(why.contains(number["number"].as_str().unwrap()), "{why}");
    assert_eq!(others.len(), 3);
}

#[tokio::test]
async fn a_conflict_declared_after_submission_voids_the_review_at_the_next_request() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let xenia = &experts[0];
    for review in xenia.reviews().await {
        xenia.write(&review, "4.0").await.expect(200);
    }
    let mine = xenia.client.read("/me/reviews").await;
    let first = mine.json["items"][0].clone();
    let (review, proposal) = (first["id"].as_str().unwrap(), first["proposal"].clone());
    xenia.submit(review).await.expect(200);
    let proposal_path = format!("/proposals/{}", proposal.as_str().unwrap());
    xenia.client.read(&proposal_path).await;
    let conflict = json!([{"proposal": proposal, "reason": "We apply for a patent together"}]);
    xenia.declare(&conflict).await.expect(200);
    xenia
        .client
        .get(&format!("/reviews/{review}"))
        .send()
        .await
        .expect(404);
    xenia.client.get(&proposal_path).send().await.expect(404);
    assert_eq!(xenia.reviews().await.len(), 2);
    let kept = story.office.read(&format!("/reviews/{review}")).await;
    assert_eq!(kept.json["state"], "voided");
    // Noted by the secretariat, before submission.
    let other = &xenia.client.read("/me/reviews").await.json["items"][0].clone();
    let noted = json!({"expert": xenia.id, "proposal": other["proposal"], "reason": "Married",
        "kind": "declared"});
    let path = format!("/calls/{}/conflicts", story.call);
    story
        .office
        .post(&path)
        .json(&noted)
        .send()
        .await
        .expect(201);
    let ended = story
        .office
        .read(&format!("/reviews/{}", other["id"].as_str().unwrap()))
        .await;
    assert_eq!(ended.json["state"], "conflicted");
    let submit = xenia.client.post(&format!(
        "/reviews/{}/submit",
        other["id"].as_str().unwrap()
    ));
    submit.etag("*").send().await.expect(404);
    // The panel's list hides it from a conflicted chair, too.
    story
        .app
        .grant(&xenia.client, Role::PanelChair, Some(&story.call), None)
        .await;
    let lines = xenia.client.read(&story.stage("consensus")).await;
    assert_eq!(lines.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_possible_conflict_waits_and_does_not_come_back_once_judged() {
    let story = Evaluation::begin().await;
    // The coordinators write from example.org, and so does this expert.
    let experts = story
        .ready(&[nomination(
            "Vera Same",
            "Far University",
            "v@example.org",
            "remote_reviewer",
        )])
        .await;
    let detect = story.stage("conflicts/detect");
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["email_domain detected waiting"; 3]
    );
    let refused = story.assign(1).await.expect(409);
    assert_eq!(refused.code(), "state_conflict");
    let list = story
        .office
        .read(&format!("/calls/{}/conflicts", story.call))
        .await;
    let items = list.json["items"].as_array().unwrap().clone();
    let judge = format!("/conflicts/{}/judge", items[0]["id"].as_str().unwrap());
    let verdict = json!({"stands": false, "reason": "A host open to all"});
    story
        .office
        .post(&judge)
        .json(&verdict)
        .send()
        .await
        .expect(200);
    let rest: Vec<Value> = items[1..]
        .iter()
        .map(|item| json!({"conflict": item["id"], "stands": false, "reason": "The same"}))
        .collect();
    let judge_all = format!("/calls/{}/conflicts/judge", story.call);
    let verdicts = json!({ "verdicts": rest });
    story
        .office
        .post(&judge_all)
        .json(&verdicts)
        .send()
        .await
        .expect(200);
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["email_domain detected dismissed"; 3]
    );
    story.assign(1).await.expect(200);
    assert_eq!(experts[0].reviews().await.len(), 3);
}

#[tokio::test]
async fn a_reviewer_who_declines_is_replaced_by_hand() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(1).await.expect(200);
    let all = story.office.read(&story.stage("assignments")).await;
    let first = all.json["items"][0].clone();
    let author = experts
        .iter()
        .find(|one| first["expert"] == one.id)
        .unwrap();
    let other = experts
        .iter()
        .find(|one| first["expert"] != one.id)
        .unwrap();
    let review = format!("/reviews/{}", first["review"].as_str().unwrap());
    let now = story.office.read(&review).await;
    let replacement = json!({"expert": other.id, "reason": "Fell ill"});
    let replace = story
        .office
        .post(&format!("{review}/replace"))
        .json(&replacement);
    let replaced = replace.etag(&now.etag).send().await.expect(200);
    let of_it: Vec<&Value> = replaced.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["proposal"] == first["proposal"])
        .map(|item| &item["state"])
        .collect();
    assert_eq!(of_it.len(), 2);
    assert!(of_it.contains(&&json!("replaced")) && of_it.contains(&&json!("invited")));
    author.client.get(&review).send().await.expect(404);
    let theirs = &other.reviews().await[0];
    let path = format!("/reviews/{theirs}");
    let now = other.client.read(&path).await;
    let decline = other
        .client
        .post(&format!("{path}/decline"))
        .etag(&now.etag);
    decline
        .json(&json!({"reason": "Not my field"}))
        .send()
        .await
        .expect(200);
    other.client.get(&path).send().await.expect(404);
}

/// Whom a search finds in conflict with a proposal, as `kind state`.
async fn found(story: &Evaluation, proposal: &str) -> Vec<String> {
    let detect = story.stage("conflicts/detect");
    let reply = story.office.post(&detect).send().await.expect(200);
    let items = reply.json["items"].as_array().unwrap().clone();
    let of_it = items.iter().filter(|item| item["proposal"] == proposal);
    let word = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let mut found: Vec<String> = of_it
        .map(|item| format!("{} {}", word(item, "kind"), word(item, "state")))
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_certain_conflict_is_not_judged_away() {
    let story = Evaluation::begin().await;
    let own = nomination(
        "Wim Own",
        "Institute Ada 0",
        "w@west.example",
        "remote_reviewer",
    );
    story.ready(&[own]).await;
    assert_eq!(
        found(&story, &story.proposal(0)).await,
        ["same_institution standing"]
    );
    let path = format!("/calls/{}/conflicts", story.call);
    let list = story.office.read(&path).await;
    let (id, certain) = (
        list.json["items"][0]["id"].clone(),
        &list.json["items"][0]["certain"],
    );
    assert_eq!(certain, true);
    let judge = format!("/conflicts/{}/judge", id.as_str().unwrap());
    let verdict = json!({"stands": false, "reason": "Another building"});
    let refused = story.office.post(&judge).json(&verdict).send().await;
    assert_eq!(refused.expect(422).faults(), ["/stands certain"]);
    // Nor is it upheld: judged it would outlive the fact that it rests on.
    let upheld = json!({"stands": true, "reason": "It is so"});
    let refused = story.office.post(&judge).json(&upheld).send().await;
    assert_eq!(refused.expect(422).faults(), ["/stands certain"]);
    let all =
        json!({"verdicts": [{"conflict": id, "stands": false, "reason": "Another building"}]});
    let refused = story.office.post(&format!("{path}/judge")).json(&all);
    let refused = refused.send().await.expect(422);
    assert_eq!(refused.faults(), ["/verdicts/0/stands certain"]);
}

#[tokio::test]
async fn another_department_of_one_organisation_waits_for_a_verdict() {
    let story = Evaluation::begin().await;
    let read = story.office.read(&story.proposals[0].1).await.json;
    let partner = &read["stages"][0]["content"]["partners"][2];
    assert_eq!(partner["department"], "Oncology");
    let of = |name: &str, email: &str, department: &str| {
        let mut one = nomination(name, "Institute Ada 2", email, "remote_reviewer");
        one["department"] = json!(department);
        one
    };
    story
        .ready(&[
            of("Ona Same", "o@west.example", "ONCOLOGY"),
            of("Lea Law", "l@east.example", "Law"),
            of("Any One", "a@north.example", ""),
        ])
        .await;
    assert_eq!(
        found(&story, &story.proposal(0)).await,
        [
            "parent_organisation waiting",
            "same_institution standing",
            "same_institution standing"
        ]
    );
    let list = story
        .office
        .read(&format!("/calls/{}/conflicts", story.call))
        .await;
    let mut items = list.json["items"].as_array().unwrap().iter();
    let waits = items.find(|item| item["state"] == "waiting").unwrap();
    let judge = format!("/conflicts/{}/judge", waits["id"].as_str().unwrap());
    let verdict = json!({"stands": false, "reason": "Another faculty, and nothing in common"});
    let judged = story.office.post(&judge).json(&verdict).send().await;
    judged.expect(200);
    assert!(
        !found(&story, &story.proposal(0))
            .await
            .contains(&"parent_organisation waiting".to_owned())
    );
}

#[tokio::test]
async fn who_published_together_waits_for_a_verdict_which_is_remembered() {
    let story = Evaluation::begin().await;
    let experts = [nomination(
        "Xenia North",
        "North University",
        "x@north.example",
        "remote_reviewer",
    )];
    story.ready(&experts).await;
    let path = format!("/calls/{}/publications", story.call);
    let year = story
        .app
        .value("select extract(year from now())::text")
        .await;
    let send = |who: &testkit::Client, lines: &str| {
        let table = format!("work,title,year,name\n{lines}");
        who.post(&path).body("text/csv", table)
    };
    let wrong = send(&story.office, "1,On genes,soon,Xenia North\n1,On genes,,\n");
    let faults = wrong.send().await.expect(422).faults();
    assert!(
        faults.contains(&"/lines/2/year year".to_owned()),
        "{faults:?}"
    );
    assert!(
        faults.contains(&"/lines/3/name required".to_owned()),
        "{faults:?}"
    );
    let lines = format!(
        "1,On genes,{year},Xenia North\n1,On genes,{year},Ada Person1\n\
         2,Long ago,1990,Xenia North\n2,Long ago,1990,Bea Person1\n"
    );
    let brought = send(&story.office, &lines).send().await.expect(200);
    assert_eq!(brought.json["items"].as_array().unwrap().len(), 2);
    for (who, status) in [(&story.committee, 403), (&story.proposals[0].0, 403)] {
        send(who, &lines).send().await.expect(status);
        who.get(&path).send().await.expect(status);
    }
    let (ada, bea) = (story.proposal(0), story.proposal(1));
    assert_eq!(found(&story, &ada).await, ["co_publication waiting"]);
    assert_eq!(found(&story, &bea).await, [""; 0]);
    let list = format!("/calls/{}/conflicts", story.call);
    let first = story.office.read(&list).await.json["items"][0].clone();
    let evidence = first["evidence"].as_str().unwrap();
    assert!(evidence.contains("On genes"), "{evidence}");
    let judge = format!("/conflicts/{}/judge", first["id"].as_str().unwrap());
    let verdict = json!({"stands": false, "reason": "A namesake"});
    let judged = story.office.post(&judge).json(&verdict).send().await;
    judged.expect(200);
    assert_eq!(found(&story, &ada).await, ["co_publication dismissed"]);
    // Another publication is another fact, and asks again.
    let more = format!("3,On cells,{year},Xenia North\n3,On cells,{year},Ada Person2\n");
    let both = format!("{lines}{more}");
    send(&story.office, &both).send().await.expect(200);
    assert_eq!(
        found(&story, &ada).await,
        ["co_publication dismissed", "co_publication waiting"]
    );
}

#[tokio::test]
async fn applicants_keep_persons_from_reviewing_and_the_panel_does_not_learn_whom() {
    let app = testkit::TestApp::start().await;
    let (office, call) = proposals::open_call(&app).await;
    let ada = app.person("Ada").await;
    let draft = proposals::draft(&ada, &call).await;
    let path = format!("/proposals/{}/named-persons", draft.id());
    let now = ada.read(&path).await;
    assert_eq!(now.json["persons"], json!([]));
    let person =
        |name: &str, organisation: &str| json!({"name": name, "organisation": organisation});
    let put = |persons: Value, etag: &str| {
        let request = ada.put(&path).etag(etag);
        request.json(&json!({ "persons": persons })).send()
    };
    let many = json!([
        person("A. One", "One"),
        person("B. Two", "Two"),
        person("C. Three", "Three"),
        person("D. Four", "")
    ]);
    let refused = put(many, &now.etag).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/persons persons_too_many",
            "/persons/3/organisation person_unclear"
        ]
    );
    let named = put(
        json!([person("Xenia North", "North University")]),
        &now.etag,
    )
    .await;
    named.expect(200);
    let stale = put(json!([]), &now.etag).await.expect(412);
    assert_eq!(stale.code(), "stale_version");
    // Before the deadline the secretariat does not know of the proposal.
    office.get(&path).send().await.expect(404);
    let eve = app.person("Eve").await;
    eve.get(&path).send().await.expect(404);
}

#[tokio::test]
async fn whom_applicants_name_does_not_review() {
    let story = Evaluation::begin().await;
    let proposal = story.proposal(0);
    let named =
        json!([{"person": {"name": "Xenia North"}, "organisation": {"name": "North University"}}]);
    story
        .app
        .sql(&format!(
            "insert into sealed.named_persons (proposal_id, call_id, persons) values ('{proposal}', '{}', '{named}')",
            story.call
        ))
        .await;
    let experts = [nomination(
        "Xenia North",
        "North University",
        "x@north.example",
        "remote_reviewer",
    )];
    let ready = story.ready(&experts).await;
    let xenia = &ready[0];
    assert_eq!(
        found(&story, &proposal).await,
        ["named_by_applicants standing"]
    );
    let path = format!("/proposals/{proposal}/named-persons");
    let read = story.office.read(&path).await;
    assert_eq!(read.json["persons"][0]["name"], "Xenia North");
    story.committee.get(&path).send().await.expect(404);
    xenia.client.get(&path).send().await.expect(404);
    let late = story.proposals[0].0.put(&path).etag("*");
    let late = late.json(&json!({"persons": []})).send().await;
    assert_eq!(late.code(), "deadline_passed");
    // The panel's chair reads all conflicts but those that tell whom applicants named.
    let chair = story.app.person("Chair").await;
    let call = Some(story.call.as_str());
    story.app.grant(&chair, Role::PanelChair, call, None).await;
    let list = format!("/calls/{}/conflicts", story.call);
    assert_eq!(chair.read(&list).await.json["items"], json!([]));
    assert_eq!(story.conflicts().await.len(), 1);
}

#[tokio::test]
async fn who_has_a_role_and_a_conflict_is_walled_off_from_the_proposal() {
    let story = Evaluation::begin().await;
    let (chair, path) = (
        &story.committee,
        format!("/calls/{}/own-conflicts", story.call),
    );
    let proposal = format!("/proposals/{}", story.proposal(0));
    chair.read(&proposal).await;
    let bare = chair
        .post(&path)
        .json(&json!({"proposal": story.call, "reason": " "}));
    assert_eq!(
        bare.send().await.expect(422).faults(),
        ["/proposal unknown_proposal", "/reason required"]
    );
    let conflict = json!({"proposal": story.proposal(0), "reason": "My institute takes part"});
    let declared = chair.post(&path).json(&conflict).send().await.expect(200);
    assert_eq!(declared.json["items"].as_array().unwrap().len(), 1);
    chair.get(&proposal).send().await.expect(409);
    chair
        .read(&format!("/proposals/{}", story.proposal(1)))
        .await;
    let seen = story.office.read(&path).await;
    assert_eq!(seen.json["items"][0]["reason"], "My institute takes part");
    let observer = story.app.person("Observer").await;
    let call = Some(story.call.as_str());
    story.app.grant(&observer, Role::Observer, call, None).await;
    assert_eq!(observer.read(&path).await.json, seen.json);
    let (ada, _) = &story.proposals[0];
    ada.post(&path).json(&conflict).send().await.expect(403);
    // An expert of the call declares as one.
    let experts = story.three().await;
    let xenia = &experts[0].client;
    story.app.grant(xenia, Role::PanelMember, call, None).await;
    xenia.post(&path).json(&conflict).send().await.expect(409);
}
