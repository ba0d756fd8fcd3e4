//! What surrounds every operation: headers, problems, health, pages.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use testkit::TestApp;

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let client = app.client();
    for path in [
        "//",
        "//livez",
        "//api/docs/",
        "/calls",
        "//nowhere",
        "/calls/nonsense",
    ] {
        let reply = client.get(path).send().await;
        for header in [
            "content-security-policy",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "strict-transport-security",
            "x-request-id",
        ] {
            assert!(!reply.header(header).is_empty(), "{path} has no {header}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_methods_and_parameters_are_problem_documents() {
    let app = TestApp::start().await;
    let client = app.client();
    let nowhere = client.get("//nowhere").send().await.expect(404);
    assert_eq!(nowhere.header("content-type"), "application/problem+json");
    assert_eq!(nowhere.code(), "not_found");
    let method = client.delete("/calls").send().await.expect(405);
    assert_eq!(method.code(), "method_not_allowed");
    let id = client.get("/calls/nonsense").send().await.expect(400);
    assert_eq!(id.code(), "malformed_parameter");
    let query = client.get("/calls?limit=many").send().await.expect(400);
    assert_eq!(query.code(), "malformed_parameter");
    let page = client
        .get("//problems/stale_version")
        .send()
        .await
        .expect(200);
    assert!(String::from_utf8_lossy(&page.body).contains("stale_version"));
}

#[tokio::test]
async fn the_front_page_the_documentation_and_health_answer() {
    let app = TestApp::start().await;
    let client = app.client();
    let front = client.get("//").send().await.expect(200);
    assert!(String::from_utf8_lossy(&front.body).contains("Joint transnational calls"));
    client.get("//api/docs/").send().await.expect(200);
    let document = client.get("//api/openapi.json").send().await.expect(200);
    assert_eq!(document.json["openapi"], "3.1.0");
    client.get("//livez").send().await.expect(200);
    client.get("//readyz").send().await.expect(200);
}

#[tokio::test]
async fn a_request_id_given_by_the_client_comes_back() {
    let app = TestApp::start().await;
    let reply = app
        .client()
        .get("//nowhere")
        .header("X-Request-Id", "abc-1")
        .send()
        .await;
    assert_eq!(reply.header("x-request-id"), "abc-1");
    assert_eq!(reply.json["request_id"], "abc-1");
    let odd = app
        .client()
        .get("//nowhere")
        .header("X-Request-Id", "a b")
        .send()
        .await;
    assert_ne!(odd.header("x-request-id"), "a b");
}

#[tokio::test]
async fn a_list_says_in_its_link_where_it_goes_on() {
    let app = TestApp::start().await;
    let client = app.client();
    let all = client.read("/organisations?body=ICPerMed").await;
    assert_eq!(all.header("link"), "", "a whole list goes on nowhere");
    let all = all.json["items"].as_array().unwrap().len();
    let (mut path, mut read, mut pages) =
        ("/organisations?body=ICPerMed&limit=10".to_owned(), 0, 0);
    loop {
        let page = client.read(&path).await;
        read += page.json["items"].as_array().unwrap().len();
        pages += 1;
        let Some(next) = page.json["next"].as_str() else {
            assert_eq!(page.header("link"), "");
            break;
        };
        let link = page.header("link");
        let target = link.strip_suffix(">; rel=\"next\"").unwrap();
        assert_eq!(
            target,
            format!("</api/v1/organisations?body=ICPerMed&limit=10&cursor={next}")
        );
        path = target.trim_start_matches("</api/v1").to_owned();
    }
    assert_eq!((read, pages), (all, all.div_ceil(10)));
    println!("{read} organisations on {pages} pages, by their links");
}

#[tokio::test]
async fn a_text_with_a_nul_is_refused_wherever_it_stands() {
    let app = TestApp::start().await;
    let client = app.client();
    let sign_up = |name: &str| {
        let person = serde_json::json!({"email": "ada@example.org", "name": name, "password": "correct horse battery"});
        client.post("/accounts").json(&person)
    };
    let refused = sign_up("A\u{0}da").send().await.expect(422);
    assert_eq!(refused.faults(), ["/name character_forbidden"]);
    // A backslash before the letters is another text.
    let accepted = sign_up("A\\u0000da").send().await;
    assert!(accepted.status < 300, "{}", accepted.json);
    let query = client.get("/organisations?cursor=%00").send().await;
    assert_eq!(query.expect(422).faults(), ["/query nul"]);
}
