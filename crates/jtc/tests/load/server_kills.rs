//! The server is killed in the middle of everything, and started again on the same folder.

use testkit::figure;

use crate::check::expect_none;
use crate::scene::{CODE, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_done_twice_when_the_server_is_killed() {
    let (kills, writes) = (figure(30), figure(20_000));
    let scene = Scene::open(10).await;
    let began = std::time::Instant::now();
    let writing = tokio::spawn({
        let scene = scene.clone();
        async move { scene.write_until(writes).await }
    });
    for kill in 1..=kills {
        scene.ledger.reaches(writes * kill / (kills + 1)).await;
        scene.server.kill();
        scene.server.start_again();
    }
    writing.await.unwrap();
    println!("{:.1?} of writing", began.elapsed());
    let findings = scene.check().await;
    println!(
        "{} writes acknowledged over {kills} kills of the server, {} requests sent once more, {} findings",
        scene.ledger.acknowledged(),
        scene.ledger.repeated(),
        findings.len()
    );
    expect_none(&findings);
    println!("{}", scene.server.verified_record(CODE).trim());
    println!("{}", scene.server.doctor().trim());
    scene.find_planted().await;
}
