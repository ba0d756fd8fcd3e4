use std::path::Path;
use std::process::Stdio;

use super::*;

fn binaries() -> Binaries {
    let path = std::ffi::OsStr::new("/usr/local/bin:/usr/bin");
    Binaries::find(None, Some(path)).unwrap()
}

fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .prefix("jtc-cluster-")
        .tempdir_in(parent)
        .unwrap()
}

/// A cluster that is stopped when the test ends, however it ends.
struct Running(Cluster);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop().ok();
    }
}

fn open(folder: &Path, kind: Kind) -> Running {
    Running(Cluster::open(&binaries(), folder, kind).unwrap())
}

fn ask(cluster: &Cluster, role: &str, sql: &str) -> String {
    let output = cluster
        .psql(role, DATABASE)
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).unwrap().trim().to_owned()
}

fn pid(cluster: &Cluster) -> u32 {
    match cluster.status() {
        Status::Running { pid } => pid,
        Status::Stopped => panic!("the cluster is stopped"),
    }
}

#[test]
fn a_kept_cluster_starts_with_nothing_configured_and_is_attached_to() {
    let folder = folder();
    let first = open(folder.path(), Kind::Kept);
    assert_eq!(ask(&first.0, SUPERUSER, "show fsync"), "on");
    assert_eq!(ask(&first.0, SUPERUSER, "show data_checksums"), "on");
    assert_eq!(ask(&first.0, SUPERUSER, "show server_encoding"), "UTF8");
    assert_eq!(ask(&first.0, SUPERUSER, "select lower('ÉŁ')"), "éł");
    assert_eq!(
        ask(
            &first.0,
            SUPERUSER,
            "select current_setting('jtc.throw_away', true) is null"
        ),
        "t"
    );
    let second = open(folder.path(), Kind::Kept);
    assert_eq!(pid(&first.0), pid(&second.0));
    second.0.stop().unwrap();
    assert_eq!(first.0.status(), Status::Stopped);
    first.0.stop().unwrap();

    let found = Cluster::existing(&binaries(), folder.path())
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.kind(), found.status()),
        (Kind::Kept, Status::Stopped)
    );
    let fault = Cluster::open(&binaries(), folder.path(), Kind::ThrowAway).unwrap_err();
    assert!(matches!(fault, ClusterError::OtherKind { .. }), "{fault}");
    assert!(found.discard().is_err(), "kept data are never removed");
}

#[test]
fn a_throw_away_cluster_carries_its_marker_and_leaves_nothing() {
    let folder = folder();
    let cluster = open(folder.path(), Kind::ThrowAway);
    assert_eq!(ask(&cluster.0, APP, "show fsync"), "off");
    assert_eq!(
        ask(
            &cluster.0,
            APP,
            "select current_setting('jtc.throw_away', true)"
        ),
        "on"
    );
    assert_eq!(ask(&cluster.0, APP, "show max_connections"), "200");
    cluster.0.clone().discard().unwrap();
    assert!(!folder.path().exists());
    assert!(
        Cluster::existing(&binaries(), folder.path())
            .unwrap()
            .is_none()
    );
}

#[test]
fn the_application_reads_and_writes_rows_and_nothing_else() {
    let folder = folder();
    let cluster = open(folder.path(), Kind::ThrowAway);
    let as_app = |sql: &str| ask(&cluster.0, APP, sql);
    ask(
        &cluster.0,
        OWNER,
        "create table public.a (x int); create table sealed.b (x serial)",
    );
    assert_eq!(
        as_app("insert into a values (1); update a set x = 2; select x from a"),
        "2"
    );
    assert_eq!(
        as_app("insert into sealed.b default values returning x"),
        "1"
    );
    for forbidden in [
        "truncate a",
        "drop table a",
        "create table c ()",
        "create schema c",
        "create temporary table c ()",
        "alter table a disable trigger all",
        "create role c",
    ] {
        let said = as_app(forbidden);
        assert!(
            said.contains("permission denied") || said.contains("must be owner"),
            "{forbidden}: {said}"
        );
    }
    // A schema that is dropped and made again, as a migration down and up does, is open to it as before.
    ask(
        &cluster.0,
        OWNER,
        "drop schema sealed cascade; create schema sealed; create table sealed.b (x int)",
    );
    assert_eq!(as_app("select count(*) from sealed.b"), "0");
    // The text is what `jtc db grant` prints for a foreign server, and may be run again.
    let again = ask(&cluster.0, SUPERUSER, &grant_sql(DATABASE, OWNER, APP));
    assert!(!again.contains("ERROR"), "{again}");
    let owner =
        "select pg_get_userbyid(datdba) from pg_database where datname = current_database()";
    assert_eq!(as_app(owner), OWNER);
}

#[test]
fn a_killed_server_comes_up_again() {
    let folder = folder();
    let cluster = open(folder.path(), Kind::Kept);
    ask(
        &cluster.0,
        OWNER,
        "create table a (x int); insert into a values (7)",
    );
    let killed = pid(&cluster.0);
    let status = Command::new("kill")
        .args(["-9", &killed.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    while cluster.0.takes_connections() {
        std::thread::yield_now();
    }
    assert_eq!(cluster.0.status(), Status::Stopped);
    let again = open(folder.path(), Kind::Kept);
    assert_ne!(pid(&again.0), killed);
    assert_eq!(ask(&again.0, APP, "select x from a"), "7");
}

#[test]
fn what_died_is_started_again_and_what_was_stopped_is_not() {
    let folder = folder();
    let cluster = open(folder.path(), Kind::Kept);
    assert!(!cluster.0.revive().unwrap(), "it runs");
    let killed = pid(&cluster.0).to_string();
    let status = Command::new("kill").args(["-9", &killed]).status();
    assert!(status.unwrap().success());
    while cluster.0.takes_connections() {
        std::thread::yield_now();
    }
    assert!(cluster.0.revive().unwrap(), "it was killed");
    assert_eq!(ask(&cluster.0, APP, "select 1"), "1");
    cluster.0.stop().unwrap();
    assert!(!cluster.0.revive().unwrap(), "it was stopped");
    assert_eq!(cluster.0.status(), Status::Stopped);
}

#[test]
fn a_process_file_that_names_a_foreign_process_does_not_stop_a_start() {
    let folder = folder();
    let cluster = open(folder.path(), Kind::Kept);
    cluster.0.stop().unwrap();
    fs::write(cluster.0.pid_file(), format!("{}\n", std::process::id())).unwrap();
    let again = open(folder.path(), Kind::Kept);
    assert_ne!(pid(&again.0), std::process::id());
}

#[test]
fn a_half_made_folder_is_swept() {
    let folder = folder();
    fs::create_dir(folder.path().join("data.new")).unwrap();
    fs::write(folder.path().join("data.new/PG_VERSION"), "15\n").unwrap();
    let cluster = open(folder.path(), Kind::ThrowAway);
    assert_eq!(ask(&cluster.0, APP, "select 1"), "1");
    assert!(!folder.path().join("data.new").exists());
}

/// The state of a cluster whose starter is just running `initdb`.
fn half_open(folder: &Path) -> (Cluster, Lock) {
    let user = ServerUser::find().unwrap();
    let folder = home::make(folder).unwrap();
    let lock = Lock::take(&folder).unwrap();
    let home = home::claim(&folder, user, Kind::Kept).unwrap();
    let cluster = Cluster {
        binaries: binaries(),
        user,
        kind: Kind::Kept,
        socket: home::socket_folder(&home),
        folder,
        home,
    };
    (cluster, lock)
}

#[test]
fn a_first_start_killed_half_way_is_made_good() {
    let folder = folder();
    let (half, lock) = half_open(folder.path());
    let new = half.home.join("data.new");
    let mut child = half
        .initdb(&new)
        .stdin(lock.share().unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !new.join("global").exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "initdb ended too early"
        );
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lock);
    let cluster = open(folder.path(), Kind::Kept);
    assert_eq!(ask(&cluster.0, APP, "select 1"), "1");
}

#[test]
fn an_initdb_whose_starter_was_killed_is_waited_for() {
    let folder = folder();
    let (half, lock) = half_open(folder.path());
    let new = half.home.join("data.new");
    let mut orphan = half
        .initdb(&new)
        .stdin(lock.share().unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    drop(lock);
    let cluster = open(folder.path(), Kind::Kept);
    assert!(
        orphan.try_wait().unwrap().is_some(),
        "the lock was given up before initdb ended"
    );
    assert_eq!(ask(&cluster.0, APP, "select 1"), "1");
}

#[test]
fn starters_at_the_same_time_share_one_server() {
    let folder = folder();
    let pids: Vec<u32> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| Cluster::open(&binaries(), folder.path(), Kind::ThrowAway)))
            .collect();
        starters
            .into_iter()
            .map(|starter| pid(&starter.join().unwrap().unwrap()))
            .collect()
    });
    let _stopped_at_the_end = open(folder.path(), Kind::ThrowAway);
    assert!(pids.windows(2).all(|pair| pair[0] == pair[1]), "{pids:?}");
}

#[test]
fn a_path_too_long_for_a_socket_or_closed_to_the_server_is_no_hindrance() {
    let outer = folder();
    // The folder around it has mode 0700 and is ours: as root, the server's user cannot pass it.
    let inner = outer.path().join("an o'dd näme ".repeat(8).trim());
    let cluster = open(&inner, Kind::ThrowAway);
    assert_eq!(ask(&cluster.0, APP, "select 1"), "1");
    assert!(cluster.0.socket_dir().as_os_str().len() <= 89);
    let found = Cluster::existing(&binaries(), &inner).unwrap().unwrap();
    assert_eq!(pid(&found), pid(&cluster.0));
    let (data, socket) = (found.data(), found.socket_dir().to_owned());
    cluster.0.clone().discard().unwrap();
    assert!(!data.exists() && !socket.exists());
}

#[test]
fn urls_are_percent_encoded() {
    assert_eq!(encode("/a b/ü".as_bytes()), "%2Fa%20b%2F%C3%BC");
}
