//! What a compiled playbook holds, as it is written: plain lists, functions by name and version, no scopes, no indices
//! into anything that another build could have in another order.

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::{Playbook, Settings, Versions};
use crate::builtin::Vocabulary;
use crate::cost::Cost;
use crate::limits::NODES_MAX;
use crate::node::{Ir, NodeId, Op};
use crate::program::{Attribute, Optimised, Place, Program, Segment, Test};
use crate::schema::Schema;
use crate::time::Zone;
use crate::types::Type;
use crate::verify::program::program;

/// **Source**: written and read in the order of its fields, in the postcard format, version 1.
#[derive(Serialize, Deserialize)]
struct Contents {
    versions: Versions,
    name: String,
    sources: [u8; 32],
    settings: Settings,
    /// What `Op::Call` counts in.
    functions: Vec<Function>,
    schema: Schema,
    #[serde(deserialize_with = "crate::bounded::few::<_, _, NODES_MAX>")]
    nodes: Vec<(Op, Type)>,
    attributes: Vec<Attribute>,
    segments: Vec<Segment>,
    tests: Vec<Test>,
    #[serde(deserialize_with = "crate::bounded::few::<_, _, NODES_MAX>")]
    places: Vec<Option<Place>>,
    optimised: Running,
    cost: Cost,
}

/// A function of the vocabulary. Its index is the business of whoever has the vocabulary.
#[derive(Serialize, Deserialize)]
struct Function {
    name: String,
    version: u32,
}

/// [`Optimised`], as it is written.
#[derive(Serialize, Deserialize)]
struct Running {
    #[serde(deserialize_with = "crate::bounded::few::<_, _, NODES_MAX>")]
    nodes: Vec<(Op, Type)>,
    attributes: Vec<NodeId>,
    segments: Vec<NodeId>,
    origin: Vec<NodeId>,
}

pub fn encode(playbook: &Playbook) -> Result<Vec<u8>, Error> {
    let of = &playbook.program;
    let mut functions = Functions { vocabulary: of.vocabulary, used: Vec::new() };
    let nodes = functions.out(&of.ir)?;
    let run = &of.optimised;
    let optimised = Running {
        nodes: functions.out(&run.ir)?,
        attributes: run.attributes.clone(),
        segments: run.segments.clone(),
        origin: run.origin.clone(),
    };
    let contents = Contents {
        versions: playbook.versions.clone(),
        name: of.name.clone(),
        sources: playbook.sources,
        settings: playbook.settings.clone(),
        functions: functions.written(),
        schema: of.schema.clone(),
        nodes,
        attributes: of.attributes.clone(),
        segments: of.segments.clone(),
        tests: of.tests.clone(),
        places: of.places.clone(),
        optimised,
        cost: of.cost(),
    };
    postcard::to_allocvec(&contents).map_err(|error| Error::Unfit(error.to_string()))
}

/// Decodes to the exact end and verifies.
pub fn decode(bytes: &[u8], vocabulary: Vocabulary) -> Result<Playbook, Error> {
    let unreadable = Error::Damaged("its contents cannot be read");
    let (contents, rest) = postcard::take_from_bytes::<Contents>(bytes).map_err(|_| unreadable)?;
    if !rest.is_empty() {
        return Err(Error::Damaged("there is more behind its contents"));
    }
    let here = Versions::here();
    for (what, there, here) in [
        ("the language", contents.versions.language, here.language),
        ("the IR", contents.versions.ir, here.ir),
        ("the hash of samples", contents.versions.hash, here.hash),
    ] {
        if there != here {
            return Err(Error::Version(what.to_string(), there, Some(here)));
        }
    }
    let functions = known(&contents.functions, vocabulary)?;
    let zone = Zone::find(&contents.schema.timezone)
        .ok_or_else(|| Error::Unsound(format!("there is no time zone `{}`", contents.schema.timezone)))?;
    let Running { nodes, attributes, segments, origin } = contents.optimised;
    let optimised = Optimised { ir: ir(nodes, &functions)?, attributes, segments, origin };
    let playbook = Playbook {
        program: Program {
            name: contents.name,
            schema: contents.schema,
            zone,
            ir: ir(contents.nodes, &functions)?,
            optimised,
            attributes: contents.attributes,
            segments: contents.segments,
            tests: contents.tests,
            places: contents.places,
            vocabulary,
        },
        settings: contents.settings,
        sources: contents.sources,
        versions: contents.versions,
    };
    program(&playbook.program).map_err(Error::Unsound)?;
    playbook.settings.verify().map_err(|what| Error::Unsound(format!("the settings: {what}")))?;
    if playbook.program.cost() != contents.cost {
        return Err(Error::Unsound("its cost is not the one that it tells".into()));
    }
    Ok(playbook)
}

fn ir(nodes: Vec<(Op, Type)>, functions: &[u32]) -> Result<Ir, Error> {
    let mut nodes = nodes;
    for (op, _) in &mut nodes {
        if let Op::Call { builtin, .. } = op {
            *builtin = *functions.get(*builtin as usize).ok_or_else(|| Error::Unsound("no such function".into()))?;
        }
    }
    Ir::from_parts(nodes).map_err(|(node, what)| Error::Unsound(format!("node {}: {what}", node.0)))
}

/// The index in the vocabulary of each function, which is there in the same version.
fn known(functions: &[Function], vocabulary: Vocabulary) -> Result<Vec<u32>, Error> {
    let one = |function: &Function| {
        let missing = |here| Error::Version(format!("the function `{}`", function.name), function.version, here);
        let (index, builtin) = vocabulary.find(&function.name).ok_or_else(|| missing(None))?;
        if builtin.version == function.version { Ok(index) } else { Err(missing(Some(builtin.version))) }
    };
    functions.iter().map(one).collect()
}

/// The functions that are used, in the order of their first use.
struct Functions {
    vocabulary: Vocabulary,
    used: Vec<u32>,
}

impl Functions {
    /// The nodes of an IR, their calls by place among the functions that are used.
    fn out(&mut self, ir: &Ir) -> Result<Vec<(Op, Type)>, Error> {
        if ir.len() > NODES_MAX {
            return Err(Error::Unfit(format!("it has {} nodes, and at most {NODES_MAX} are allowed", ir.len())));
        }
        let one = |node: &crate::node::Node| {
            let mut op = node.op.clone();
            if let Op::Call { builtin, .. } = &mut op {
                *builtin = self.place_of(*builtin);
            }
            (op, node.ty.clone())
        };
        Ok(ir.nodes.iter().map(one).collect())
    }

    fn place_of(&mut self, builtin: u32) -> u32 {
        let place = self.used.iter().position(|used| *used == builtin).unwrap_or_else(|| {
            self.used.push(builtin);
            self.used.len() - 1
        });
        place as u32
    }

    fn written(&self) -> Vec<Function> {
        let known = self.used.iter().filter_map(|index| self.vocabulary.get(*index));
        known.map(|builtin| Function { name: builtin.name.to_string(), version: builtin.version }).collect()
    }
}
