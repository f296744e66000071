//! How rows are found, as a drawing: Mermaid or dot.

use std::fmt::Write;

use clap::ValueEnum;

use crate::system::{
    map::{Collection, Direction, Ownership},
    set::{System, Systems},
};

/// The language of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Mermaid, shown by many editors and forges.
    Mermaid,
    /// dot, for Graphviz.
    Dot,
}

/// An arrow: from, to, what stands on it, and whether the row belongs to somebody else.
struct Arrow {
    from: String,
    to: String,
    label: String,
    dashed: bool,
}

/// Draws all systems, the identifiers above them.
pub fn draw(systems: &Systems, form: Form) -> String {
    let arrows = arrows(systems);
    match form {
        Form::Mermaid => mermaid(systems, &arrows),
        Form::Dot => dot(systems, &arrows),
    }
}

fn collections(system: &System) -> impl Iterator<Item = &Collection> {
    system.map.collections.iter().filter(|one| !one.skip)
}

fn identifiers(systems: &Systems) -> Vec<&'static str> {
    let fields = systems.all.iter().flat_map(collections).flat_map(|one| &one.fields);
    let mut kinds: Vec<&str> = fields.filter_map(|field| Some(field.identity?.as_str())).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// A name that both languages take.
fn node(dataset: &str, collection: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("{dataset}__{collection}").chars().map(plain).collect()
}

fn arrows(systems: &Systems) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for system in &systems.all {
        for one in collections(system) {
            let here = node(&system.map.key, &one.name);
            for field in &one.fields {
                if let Some(kind) = field.identity {
                    let (from, label) = (format!("id_{kind}"), field.name.clone());
                    arrows.push(Arrow { from, to: here.clone(), label, dashed: false });
                }
                for link in &field.references {
                    let there = node(&link.to.dataset, &link.to.collection);
                    let dashed = link.ownership == Ownership::Accessor;
                    let (from, to) = if link.direction == Direction::To {
                        (here.clone(), there)
                    } else {
                        (there, here.clone())
                    };
                    let label = if link.direction == Direction::Both {
                        format!("{} (both ways)", field.name)
                    } else {
                        field.name.clone()
                    };
                    arrows.push(Arrow { from, to, label, dashed });
                }
            }
        }
    }
    arrows
}

fn mermaid(systems: &Systems, arrows: &[Arrow]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for kind in identifiers(systems) {
        let _ = writeln!(text, "  id_{kind}([{kind}])");
    }
    for system in &systems.all {
        let _ = writeln!(
            text,
            "  subgraph {} [\"{} ({})\"]",
            node("s", &system.name),
            system.name,
            system.place.kind.word()
        );
        for one in collections(system) {
            let _ = writeln!(text, "    {}[\"{}\"]", node(&system.map.key, &one.name), one.name);
        }
        text.push_str("  end\n");
    }
    for arrow in arrows {
        let line = if arrow.dashed { "-.->" } else { "-->" };
        let _ = writeln!(text, "  {} {line}|\"{}\"| {}", arrow.from, arrow.label, arrow.to);
    }
    text
}

fn dot(systems: &Systems, arrows: &[Arrow]) -> String {
    let mut text = "digraph map {\n  rankdir = LR;\n  node [shape = box];\n".to_owned();
    for kind in identifiers(systems) {
        let _ = writeln!(text, "  id_{kind} [label = \"{kind}\", shape = ellipse];");
    }
    for system in &systems.all {
        let (name, kind) = (&system.name, system.place.kind.word());
        let _ = writeln!(text, "  subgraph cluster_{} {{\n    label = \"{name} ({kind})\";", node("s", name));
        for one in collections(system) {
            let _ = writeln!(text, "    {} [label = \"{}\"];", node(&system.map.key, &one.name), one.name);
        }
        text.push_str("  }\n");
    }
    for arrow in arrows {
        let style = if arrow.dashed { ", style = dashed" } else { "" };
        let _ = writeln!(text, "  {} -> {} [label = \"{}\"{style}];", arrow.from, arrow.to, arrow.label);
    }
    text.push_str("}\n");
    text
}
