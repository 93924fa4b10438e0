//! A small shop as a program built by hand, and files for it in every format.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use seg_ir::node::{Aggregate, AggregateKind, Comparison, Ir, NodeId, Op, Scope};
use seg_ir::program::{Attribute, Clause, ClauseKind, Optimised, Place, Segment, Sentence};
use seg_ir::schema::{Collection, EnumType, Field, Member, Schema, Table, TableKind};
use seg_ir::{CollectionId, Const, Currency, EnumId, FieldId, Program, TableId, Type, Vocabulary, Zone};
use seg_runtime::{Bindings, Collected, Options, Summary};

pub const AS_OF: i64 = 1_772_323_200_000_000; // 2026-03-01T00:00Z

pub fn field(name: &str, ty: Type) -> Field {
    Field { name: name.into(), ty, optional: false, default: None, max: None, labels: Vec::new(), doc: None }
}

pub fn optional(name: &str, ty: Type) -> Field {
    Field { optional: true, ..field(name, ty) }
}

pub fn gbp() -> Type {
    Type::Money(Currency::from_code("GBP").unwrap())
}

pub const CUSTOMER: TableId = TableId(0);
pub const ORDER: TableId = TableId(1);
pub const ITEM: TableId = TableId(2);
pub const MAKER: TableId = TableId(3);
pub const ORDERS: CollectionId = CollectionId(0);
pub const CARD: EnumId = EnumId(2);

/// Customer (key customer_id) with orders, whose items point to makers.
pub fn shop_schema() -> Schema {
    let mut schema = Schema::new();
    schema.timezone = "Europe/London".into();
    let member = |name: &str| Member { name: name.into(), value: name.to_lowercase() };
    schema.enums.push(EnumType {
        name: "Card".into(),
        ordered: false,
        members: ["Blue", "Gold", "Platinum"].into_iter().map(member).collect(),
    });
    schema.tables = vec![
        Table {
            name: "Customer".into(),
            kind: TableKind::Profile,
            key: Some(FieldId(0)),
            by: None,
            at: None,
            fields: vec![
                field("customer_id", Type::Text),
                Field { max: Some(5), labels: vec!["pii".into()], ..optional("name", Type::Text) },
                optional("card", Type::Enum(CARD)),
                Field { default: Some(Const::Int(0)), ..field("tenure", Type::Int) },
                optional("score", Type::Number),
                optional("rate", Type::Percent),
                optional("premium", gbp()),
                optional("birthday", Type::Date),
                optional("joined", Type::Timestamp),
                optional("consent.email", Type::Bool),
            ],
        },
        Table {
            name: "Order".into(),
            kind: TableKind::Event,
            key: None,
            by: Some("customer_id".into()),
            at: Some(FieldId(0)),
            fields: vec![
                field("placed_at", Type::Timestamp),
                field("total", gbp()),
                optional("item", Type::Reference(ITEM)),
                optional("note", Type::Text),
            ],
        },
        Table {
            name: "Item".into(),
            kind: TableKind::Reference,
            key: Some(FieldId(0)),
            by: None,
            at: None,
            fields: vec![
                field("item_id", Type::Text),
                optional("department", Type::Text),
                optional("maker", Type::Reference(MAKER)),
            ],
        },
        Table {
            name: "Maker".into(),
            kind: TableKind::Reference,
            key: Some(FieldId(0)),
            by: None,
            at: None,
            fields: vec![field("maker_id", Type::Int), field("maker_name", Type::Text)],
        },
    ];
    schema.collections = vec![Collection { name: "orders".into(), table: ORDER, optional: false, max: Some(50) }];
    schema
}

fn place() -> Place {
    Place { path: "shop.seg".into(), line: 7 }
}

fn clause(node: NodeId) -> Clause {
    Clause {
        text: String::new(),
        place: place(),
        node,
        kind: ClauseKind::Leaf,
        parts: Vec::new(),
        operands: Vec::new(),
    }
}

pub fn program(schema: Schema, ir: Ir, segments: Vec<(&str, NodeId)>, attributes: Vec<(&str, NodeId)>) -> Program {
    let zone = Zone::find(&schema.timezone).unwrap();
    let segments = segments.into_iter().map(|(name, node)| Segment {
        name: name.into(),
        title: None,
        node,
        doc: None,
        place: place(),
        own: true,
        clause: clause(node),
        reading: Sentence::default(),
    });
    let attributes = attributes.into_iter().map(|(name, node)| Attribute {
        name: name.into(),
        ty: ir.ty(node).clone(),
        node,
        doc: None,
        place: place(),
        own: true,
        clause: clause(node),
        reading: Sentence::default(),
    });
    let places = vec![Some(place()); ir.len()];
    let mut program = Program {
        name: "shop".into(),
        zone,
        segments: segments.collect(),
        attributes: attributes.collect(),
        tests: Vec::new(),
        places,
        vocabulary: Vocabulary(&[]),
        schema,
        ir,
        optimised: Optimised::default(),
    };
    program.optimised = program.plain();
    program
}

fn fold(ir: &mut Ir, kind: AggregateKind, value: Option<NodeId>, ty: Type) -> NodeId {
    let aggregate = Aggregate { kind, collection: ORDERS, scope: Scope::Row, window: None, filter: None, value };
    ir.add(Op::Aggregate(Box::new(aggregate)), ty)
}

/// The shop with a segment of gold cards, one of spenders, and attributes over orders.
pub fn shop() -> Program {
    let mut ir = Ir::default();
    let at = |ir: &mut Ir, scope, table, i, ty| ir.add(Op::Field { scope, table, field: FieldId(i) }, ty);
    let card = at(&mut ir, Scope::Customer, CUSTOMER, 2, Type::Enum(CARD));
    let gold = ir.add(Op::Constant(Const::Enum(1)), Type::Enum(CARD));
    let is_gold = ir.add(Op::Compare(Comparison::Equal, card, gold), Type::Bool);
    let total = at(&mut ir, Scope::Row, ORDER, 1, gbp());
    let spent = fold(&mut ir, AggregateKind::Sum, Some(total), gbp());
    let hundred = ir.add(Op::Constant(Const::Money(10_000)), gbp());
    let spends = ir.add(Op::Compare(Comparison::GreaterEqual, spent, hundred), Type::Bool);
    let count = fold(&mut ir, AggregateKind::Count, None, Type::Int);
    let note = at(&mut ir, Scope::Row, ORDER, 3, Type::Text);
    let last_note = fold(&mut ir, AggregateKind::LatestRow, Some(note), Type::Text);
    let notes = fold(&mut ir, AggregateKind::List, Some(note), Type::List(Box::new(Type::Text)));
    let item = at(&mut ir, Scope::Row, ORDER, 2, Type::Reference(ITEM));
    let department = ir.add(Op::Lookup { pointer: item, table: ITEM, field: FieldId(1) }, Type::Text);
    let last_department = fold(&mut ir, AggregateKind::Latest, Some(department), Type::Text);
    let maker = ir.add(Op::Lookup { pointer: item, table: ITEM, field: FieldId(2) }, Type::Reference(MAKER));
    let maker_name = ir.add(Op::Lookup { pointer: maker, table: MAKER, field: FieldId(1) }, Type::Text);
    let last_maker = fold(&mut ir, AggregateKind::Latest, Some(maker_name), Type::Text);
    let tenure = at(&mut ir, Scope::Customer, CUSTOMER, 3, Type::Int);
    let rate = at(&mut ir, Scope::Customer, CUSTOMER, 5, Type::Percent);
    let premium = at(&mut ir, Scope::Customer, CUSTOMER, 6, gbp());
    let birthday = at(&mut ir, Scope::Customer, CUSTOMER, 7, Type::Date);
    let joined = at(&mut ir, Scope::Customer, CUSTOMER, 8, Type::Timestamp);
    let email = at(&mut ir, Scope::Customer, CUSTOMER, 9, Type::Bool);
    program(
        shop_schema(),
        ir,
        vec![("Gold", is_gold), ("Spends", spends)],
        vec![
            ("spent", spent),
            ("orders_count", count),
            ("last_note", last_note),
            ("notes", notes),
            ("last_department", last_department),
            ("last_maker", last_maker),
            ("tenure_years", tenure),
            ("discount", rate),
            ("last_premium", premium),
            ("born", birthday),
            ("member_since", joined),
            ("may_mail", email),
        ],
    )
}

pub struct Files {
    pub dir: tempfile::TempDir,
}

impl Files {
    pub fn new() -> Files {
        Files { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> &Files {
        fs::write(self.path(name), text).unwrap();
        self
    }

    pub fn bindings(&self) -> Bindings {
        Bindings { base: self.dir.path().to_path_buf(), ..Bindings::default() }
    }

    /// The whole shop with little in it; tests write over what they are about.
    pub fn shop(self) -> Files {
        self.write(
            "customers.csv",
            "customer_id,name,card,tenure,score,rate,premium,birthday,joined,consent.email\n\
             a,Ann,gold,3,0.5,0.1,100.50,1990-02-28,2020-01-01T00:00:00Z,true\n\
             b,,,,,,,,,\n\
             c,Cy,blue,1,,,,,,false\n",
        );
        self.write(
            "orders.csv",
            "customer_id,placed_at,total,item,note\n\
             a,2026-01-01T10:00:00Z,60,shoe,first\n\
             a,2026-02-01T10:00:00Z,45.5,hat,second\n\
             c,2026-02-03T10:00:00Z,5,,\n",
        );
        self.write("items.csv", "item_id,department,maker\nshoe,footwear,1\nhat,headwear,2\n");
        self.write("makers.csv", "maker_id,maker_name\n1,Cobbler\n2,Hatter\n");
        self
    }

    pub fn shop_bindings(&self) -> Bindings {
        self.bindings()
            .bind("Customer", "customers.csv")
            .bind("Order", "orders.csv")
            .bind("Item", "items.csv")
            .bind("Maker", "makers.csv")
    }

    pub fn options(&self) -> Options {
        Options { threads: Some(2), ..Options::new(AS_OF, self.shop_bindings()) }
    }
}

pub fn run(program: &Program, options: &Options) -> (Summary, Collected) {
    let mut sink = Collected::default();
    let summary = seg_runtime::run(program, options, &mut sink).unwrap();
    (summary, sink)
}

pub fn error(program: &Program, options: &Options) -> String {
    seg_runtime::run(program, options, &mut Collected::default()).unwrap_err().to_string()
}

/// The rows of result batches as JSON lines, for comparisons.
pub fn lines(program: &Program, options: &Options, files: &Files, table: &str) -> Vec<serde_json::Value> {
    let out = files.path("lines-out");
    let mut folder = seg_runtime::Folder::create(&out, seg_runtime::Format::Ndjson).unwrap();
    seg_runtime::run(program, options, &mut folder).unwrap();
    let text = fs::read_to_string(out.join(format!("{table}.ndjson"))).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

pub fn write_parquet(path: &Path, batch: &RecordBatch) {
    let file = fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

pub fn write_arrow(path: &Path, batch: &RecordBatch) {
    let file = fs::File::create(path).unwrap();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
}

pub fn write_stream(path: &Path, batch: &RecordBatch) {
    let file = fs::File::create(path).unwrap();
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
}

/// A column from JSON cells: texts, floats or booleans.
pub fn column(cells: &[serde_json::Value], kind: &str) -> ArrayRef {
    match kind {
        "text" => {
            let mut b = StringBuilder::new();
            cells.iter().for_each(|c| b.append_option(c.as_str()));
            Arc::new(b.finish())
        }
        "float" => {
            let mut b = Float64Builder::new();
            cells.iter().for_each(|c| b.append_option(c.as_f64()));
            Arc::new(b.finish())
        }
        _ => {
            let mut b = BooleanBuilder::new();
            cells.iter().for_each(|c| b.append_option(c.as_bool()));
            Arc::new(b.finish())
        }
    }
}
