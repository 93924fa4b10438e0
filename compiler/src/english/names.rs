//! Names as words: `favourite_store` is a favourite store, `Household` is one of the households. Rules of thumb for
//! English; a name that they do not fit reads a little stiff, and never wrong.

/// `lifetime_value` or `LapsedVip` as words: `lifetime value`, `lapsed vip`.
pub fn words(name: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for part in name.split(['_', '.']) {
        let mut word = String::new();
        let mut last_small = false;
        for c in part.chars() {
            if c.is_uppercase() && last_small {
                out.push(std::mem::take(&mut word));
            }
            last_small = c.is_lowercase() || c.is_ascii_digit();
            word.push(c);
        }
        out.push(word);
    }
    let words: Vec<String> = out.iter().filter(|w| !w.is_empty()).map(|w| word(w)).collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    match word.to_lowercase().as_str() {
        lower @ ("id" | "sms" | "url" | "vip" | "vat" | "kyc" | "rfm" | "crm") => lower.to_uppercase(),
        "ids" => "IDs".to_string(),
        "vips" => "VIPs".to_string(),
        // Codes keep their capitals.
        _ if word.len() > 1 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit()) => word.to_string(),
        lower => lower.to_string(),
    }
}

/// The last word in the plural: `store ID` gives `store IDs`.
pub fn plural(words: &str) -> String {
    let (head, last) = match words.rsplit_once(' ') {
        Some((head, last)) => (format!("{head} "), last),
        None => (String::new(), words),
    };
    let known = match last {
        "person" => Some("people"),
        "child" => Some("children"),
        "man" => Some("men"),
        "woman" => Some("women"),
        _ => None,
    };
    if let Some(known) = known {
        return format!("{head}{known}");
    }
    if is_plural(last) {
        return words.to_string();
    }
    let before_y = last.chars().rev().nth(1).is_some_and(|c| !"aeiou".contains(c));
    let last = match last {
        l if l.ends_with('y') && before_y => format!("{}ies", l.trim_end_matches('y')),
        l if ["s", "x", "z", "ch", "sh"].iter().any(|end| l.ends_with(end)) => format!("{l}es"),
        l => format!("{l}s"),
    };
    format!("{head}{last}")
}

/// The last word in the singular: `baskets left` stays, `visits` gives `visit`.
pub fn singular(words: &str) -> String {
    let (head, last) = match words.rsplit_once(' ') {
        Some((head, last)) => (format!("{head} "), last),
        None => (String::new(), words),
    };
    let last = match last {
        "people" => "person".to_string(),
        "children" => "child".to_string(),
        l if !is_plural(l) => l.to_string(),
        l if l.ends_with("ies") && l.len() > 4 => format!("{}y", l.trim_end_matches("ies")),
        l if ["sses", "xes", "zes", "ches", "shes"].iter().any(|end| l.ends_with(end)) => {
            l.strip_suffix("es").unwrap_or(l).to_string()
        }
        l => l.strip_suffix('s').unwrap_or(l).to_string(),
    };
    format!("{head}{last}")
}

/// Whether a word looks like a plural.
pub fn is_plural(word: &str) -> bool {
    let irregular = matches!(word, "people" | "children" | "men" | "women");
    let singular_s =
        ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) || matches!(word, "news" | "lens" | "gas");
    irregular || (word.ends_with('s') && !singular_s && word.len() > 2)
}

/// Whether a noun of several words is in the plural: the word before its first preposition decides.
pub fn is_plural_noun(words: &str) -> bool {
    const PREPOSITIONS: [&str; 13] =
        ["since", "until", "of", "in", "on", "at", "per", "for", "to", "by", "with", "from", "among"];
    let all: Vec<&str> = words.split(' ').collect();
    let upto = all.iter().position(|w| PREPOSITIONS.contains(w)).filter(|n| *n > 0).unwrap_or(all.len());
    let head = all.iter().take(upto).rev().find(|w| !is_participle(w));
    head.is_some_and(|w| is_plural(w))
}

/// Whether a word looks like what was done to something: `returned`, `paid`.
pub fn is_participle(word: &str) -> bool {
    const IRREGULAR: [&str; 18] = [
        "paid", "spent", "bought", "sold", "sent", "won", "lost", "left", "given", "known", "seen", "drawn", "shown",
        "written", "taken", "held", "kept", "made",
    ];
    (word.ends_with("ed") && word.len() > 4) || IRREGULAR.contains(&word)
}

/// `paid` by itself is no noun: `amount paid`.
pub fn amount(words: &str) -> String {
    if !words.contains(' ') && is_participle(words) { format!("amount {words}") } else { words.to_string() }
}
