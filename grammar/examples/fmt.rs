use std::io::Read;
fn main() {
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    let (_, d) = seg_grammar::parse(seg_grammar::FileId(0), &s);
    let mut map = seg_grammar::SourceMap::default();
    map.add("in.seg", &s);
    for d in &d {
        println!("{} [{}] {}\n    | {:?} {}", map.place(d.span()), d.code, d.message, map.text(d.span()), d.labels[0].text);
        for l in d.labels.iter().skip(1) { println!("    also {:?} {}", map.text(l.span), l.text); }
        if let Some(h) = &d.help { println!("    help: {h}"); }
        for f in &d.fixes { println!("    fix({}): {} -> {:?}", f.safe, f.title, f.edits[0].replacement); }
    }
    if std::env::args().nth(1).is_some() { return; }
    if let Some(t) = seg_grammar::format::format(&s) {
        print!("{t}");
        if let Err(e) = seg_grammar::format::laws::keeps_meaning(&s) { eprintln!("LAW {e}"); }
        match seg_grammar::format::laws::keeps_comments(&s) { Ok(n) => eprintln!("comments ok {n}"), Err(e) => eprintln!("LAW {e}") }
    }
}
