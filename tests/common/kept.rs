//! A store with a backup, and what lies beside it.

use std::{fs, path::PathBuf};

use super::{Run, World};

/// MyCar's people, and a backup `bk/a` of them.
pub fn backed_up() -> World {
    let world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    back_up(&world, "a");
    world
}

pub fn back_up(world: &World, name: &str) {
    let _ = world.dsr(["backup", &format!("bk/{name}")]).ok();
}

pub fn restore(world: &World, name: &str) -> Run {
    world.dsr(["restore", &format!("bk/{name}"), "--yes"])
}

/// A command that needs to know who asks.
pub fn act(world: &World, command: &str) {
    let _ = world.dsr(command.split(' ').chain(["--identity", "document", "--yes"])).ok();
}

pub fn beside(world: &World, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", world.store().display()))
}
