//! The filter grammar of query strings (`rest-core.md` 3.1).

use fourfold_model::Operator;
use fourfold_query::filter::{Filter, FilterError, MAX_FILTER_DEPTH, MAX_FILTER_VALUES};
use fourfold_query::operation::Values;
use serde_json::Value as Json;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Reads a filter: `status[eq]:OPEN,or(a[gt]:1,b[is]:NULL)`.
///
/// # Errors
/// When the text does not follow the grammar, or nests or compares too much.
pub(crate) fn parse(text: &str, values: &mut Values) -> ApiResult<Filter> {
    let mut parser = Parser { text, at: 0, values, budget: MAX_FILTER_VALUES };
    let items = parser.items(0)?;
    match parser.peek() {
        None => Ok(conjunction(items)),
        Some(_) => Err(parser.unbalanced()),
    }
}

/// How many names a path may have. Planning refuses any that follows more than one relation and says
/// so; this keeps a path of thousands from becoming as deep a tree.
const MAX_NAMES: usize = 8;

/// The word for what is missing.
const NULL: &str = "NULL";

struct Parser<'t, 'v> {
    text: &'t str,
    at: usize,
    values: &'v mut Values,
    budget: usize,
}

/// What a predicate compares with, before it becomes a value.
enum Operand {
    List(Vec<String>),
    Quoted(String),
    Bare(String),
}

/// The comparators of query strings; the others are for GraphQL alone.
const COMPARATORS: [Operator; 13] = [
    Operator::Eq,
    Operator::Neq,
    Operator::In,
    Operator::ContainsAny,
    Operator::Is,
    Operator::Gt,
    Operator::Gte,
    Operator::Lt,
    Operator::Lte,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Like,
    Operator::Ilike,
];

impl Parser<'_, '_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().len() - self.rest().trim_start().len();
        self.at += blanks;
    }

    /// Items with commas between them, up to the end or a `)`.
    fn items(&mut self, depth: usize) -> ApiResult<Vec<Filter>> {
        if depth == MAX_FILTER_DEPTH {
            return Err(invalid(FilterError::TooDeep.to_string()));
        }
        let mut items = vec![self.item(depth)?];
        while self.take(',') {
            items.push(self.item(depth)?);
        }
        Ok(items)
    }

    fn item(&mut self, depth: usize) -> ApiResult<Filter> {
        self.skip_blanks();
        for keyword in ["and", "or", "not"] {
            let Some(after) = self.rest().strip_prefix(keyword) else { continue };
            if after.starts_with('(') {
                self.at += keyword.len() + 1;
                return self.group(keyword, depth);
            }
        }
        self.predicate()
    }

    fn group(&mut self, keyword: &str, depth: usize) -> ApiResult<Filter> {
        let mut items = self.items(depth + 1)?;
        if !self.take(')') {
            return Err(self.unbalanced());
        }
        self.skip_blanks();
        let body = match keyword {
            "not" if items.len() != 1 => {
                return Err(invalid("not(…) takes exactly one condition; join several with and(…)"));
            }
            "not" => items.remove(0),
            _ => Filter::Items(items),
        };
        Ok(Filter::Members(vec![(keyword.to_owned(), body)]))
    }

    /// `path[comparator]:value`
    fn predicate(&mut self) -> ApiResult<Filter> {
        self.budget =
            self.budget.checked_sub(1).ok_or_else(|| invalid(FilterError::TooManyValues.to_string()))?;
        let head = self.rest().split([',', '(', ')', ':']).next().unwrap_or_default();
        let comparison = head.split_once('[').and_then(|(path, rest)| Some((path, rest.strip_suffix(']')?)));
        let Some((path, comparator)) = comparison.filter(|(path, _)| !path.trim().is_empty()) else {
            return Err(invalid(format!(
                "filter: {:?} is not of the form field[comparator]:value",
                self.shown()
            )));
        };
        let (path, comparator, head_bytes) = (path.trim().to_owned(), comparator.to_owned(), head.len());
        let operator = Operator::from_api_name(&comparator).filter(|known| COMPARATORS.contains(known));
        let Some(operator) = operator else {
            let known: Vec<&str> = COMPARATORS.iter().map(|operator| operator.api_name()).collect();
            return Err(invalid(format!(
                "filter: unknown comparator {comparator}; use one of {}",
                known.join(", ")
            )));
        };
        self.at += head_bytes;
        if !self.take(':') {
            return Err(invalid(format!("filter: {path}[{comparator}] needs a colon and a value")));
        }
        if MAX_NAMES < path.split('.').count() {
            return Err(invalid(format!("filter: a path has at most {MAX_NAMES} names")));
        }
        let operand = self.operand(operator, &path)?;
        let value = checked_value(operator, operand, &path)?;
        let is_null_word = operator == Operator::Eq && value == NULL;
        let equal = self.leaf(&path, operator, value);
        if !is_null_word {
            return Ok(equal);
        }
        // Only text can be equal to this word, and then no text is as good (`rest-core.md` 11).
        let missing = self.leaf(&path, Operator::Is, NULL.into());
        Ok(Filter::Members(vec![("or".to_owned(), Filter::Items(vec![equal, missing]))]))
    }

    /// `{path: {operator: value}}`
    fn leaf(&mut self, path: &str, operator: Operator, value: Json) -> Filter {
        let value = Filter::value(value, self.values);
        let leaf = Filter::Members(vec![(operator.api_name().to_owned(), value)]);
        path.split('.').rev().fold(leaf, |below, name| Filter::Members(vec![(name.to_owned(), below)]))
    }

    fn operand(&mut self, operator: Operator, path: &str) -> ApiResult<Operand> {
        let is_list = matches!(operator, Operator::In | Operator::ContainsAny);
        self.skip_blanks();
        if is_list && self.take('[') {
            return self.list(path);
        }
        if let Some(quote @ ('"' | '\'')) = self.peek()
            && let Some(text) = self.quoted(quote, &[',', ')'])
        {
            return Ok(Operand::Quoted(text));
        }
        let bare = self.bare()?;
        // Quotes that are not of one kind enclose a text too.
        let inner = bare.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
        if let Some(inner) = inner {
            return Ok(Operand::Quoted(inner.to_owned()));
        }
        if bare.is_empty() {
            return Err(invalid(format!("filter: {path} needs a value after the colon; empty text is \"\"")));
        }
        Ok(Operand::Bare(bare))
    }

    /// A quoted text, if its closing quote is followed by one of `ends`, a blank before it allowed.
    fn quoted(&mut self, quote: char, ends: &[char]) -> Option<String> {
        let inner_at = self.at + 1;
        for (place, _) in self.text[inner_at..].match_indices(quote) {
            let after = self.text[inner_at + place + 1..].trim_start();
            if after.is_empty() || after.starts_with(ends) {
                let text = self.text[inner_at..inner_at + place].to_owned();
                self.at = self.text.len() - after.len();
                return Some(text);
            }
        }
        None
    }

    /// Text up to a comma, or to a `)` that closes nothing inside it.
    fn bare(&mut self) -> ApiResult<String> {
        let mut open = 0_usize;
        let end = self.rest().char_indices().find(|(_, character)| {
            match character {
                '(' => open += 1,
                ')' if open == 0 => return true,
                ')' => open -= 1,
                ',' => return open == 0,
                _ => {}
            }
            false
        });
        if 0 < open {
            return Err(self.unbalanced());
        }
        let end = end.map_or(self.rest().len(), |(place, _)| place);
        let text = self.rest()[..end].trim().to_owned();
        self.at += end;
        Ok(text)
    }

    fn list(&mut self, path: &str) -> ApiResult<Operand> {
        let mut elements = Vec::new();
        loop {
            self.skip_blanks();
            let quoted = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.quoted(quote, &[',', ']']),
                _ => None,
            };
            let element = match quoted {
                Some(text) => text,
                None => {
                    let end = self.rest().find([',', ']']).unwrap_or(self.rest().len());
                    let text = self.rest()[..end].trim().to_owned();
                    self.at += end;
                    text
                }
            };
            elements.push(element);
            if self.take(']') {
                self.skip_blanks();
                return Ok(Operand::List(elements));
            }
            if !self.take(',') {
                return Err(invalid(format!("filter: the list of {path} is not closed with ]")));
            }
        }
    }

    fn unbalanced(&self) -> ApiError {
        let message = format!("filter: the parentheses do not match near {:?}", self.shown());
        ApiError::new(ErrorCode::UnbalancedFilter, message)
    }

    fn shown(&self) -> String {
        self.rest().chars().take(40).collect()
    }
}

fn checked_value(operator: Operator, operand: Operand, path: &str) -> ApiResult<Json> {
    match (operator, operand) {
        (Operator::In | Operator::ContainsAny, Operand::List(elements)) => Ok(Json::from(elements)),
        (Operator::In | Operator::ContainsAny, _) => {
            Err(invalid(format!("filter: {path}[{}] takes a list in brackets, [a,b]", operator.api_name())))
        }
        (Operator::Is, Operand::Bare(word)) if word == NULL || word == "NOT_NULL" => Ok(word.into()),
        (Operator::Is, _) => Err(invalid(format!("filter: {path}[is] takes NULL or NOT_NULL"))),
        (_, Operand::Quoted(text) | Operand::Bare(text)) => Ok(text.into()),
        (_, Operand::List(_)) => Err(invalid(format!("filter: {path} takes one value"))),
    }
}

fn conjunction(mut items: Vec<Filter>) -> Filter {
    if items.len() == 1 {
        return items.remove(0);
    }
    Filter::Members(vec![("and".to_owned(), Filter::Items(items))])
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidParameter, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(filter: &Filter, values: &Values) -> String {
        match filter {
            Filter::Members(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, body)| format!("{name}:{}", shown(body, values))).collect();
                format!("{{{}}}", members.join(","))
            }
            Filter::Items(items) => {
                format!("[{}]", items.iter().map(|item| shown(item, values)).collect::<Vec<_>>().join(","))
            }
            Filter::Value(slot, _) => values.get(*slot).to_string(),
        }
    }

    #[test]
    fn the_grammar() {
        for (text, expected) in [
            ("name[eq]:Acme", r#"{name:{eq:"Acme"}}"#),
            (r#"name[eq]:"a, b""#, r#"{name:{eq:"a, b"}}"#),
            (r#"name[eq]:"O'Brien",x[is]:NULL"#, r#"{and:[{name:{eq:"O'Brien"}},{x:{is:"NULL"}}]}"#),
            (r#"name[eq]:"""#, r#"{name:{eq:""}}"#),
            ("a.b[gte]:1", r#"{a:{b:{gte:"1"}}}"#),
            ("at[gte]:2026-01-01T00:00:00Z", r#"{at:{gte:"2026-01-01T00:00:00Z"}}"#),
            ("s[in]:[A,\"B,C\"]", r#"{s:{in:["A","B,C"]}}"#),
            ("s[in]:[]", r#"{s:{in:[""]}}"#),
            (
                "and(a[eq]:1),or(b[eq]:2,c[eq]:3)",
                r#"{and:[{and:[{a:{eq:"1"}}]},{or:[{b:{eq:"2"}},{c:{eq:"3"}}]}]}"#,
            ),
            ("not(name[ilike]:\"%north%\")", r#"{not:{name:{ilike:"%north%"}}}"#),
            ("name[eq]:Foo (bar)", r#"{name:{eq:"Foo (bar)"}}"#),
            ("name[eq]:\"a'", r#"{name:{eq:"a"}}"#),
            ("name[eq]:\"", r#"{name:{eq:"\""}}"#),
            ("at[eq]:[1]:2", r#"{at:{eq:"[1]:2"}}"#),
            ("a.b[eq]:NULL", r#"{or:[{a:{b:{eq:"NULL"}}},{a:{b:{is:"NULL"}}}]}"#),
            ("or(name[eq]:x , b[is]:NOT_NULL)", r#"{or:[{name:{eq:"x"}},{b:{is:"NOT_NULL"}}]}"#),
        ] {
            let mut values = Values::default();
            let filter = parse(text, &mut values).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(shown(&filter, &values), expected, "{text}");
        }
    }

    #[test]
    fn parentheses_must_match() {
        for text in
            ["and(a[eq]:1", "a[eq]:1)", "a[eq]:Foo (bar", "a[eq]:1,or(b[eq]:2", "a[eq]:(", "not((a[eq]:1)"]
        {
            let refused = parse(text, &mut Values::default()).map(|_| ()).map_err(|error| error.code);
            let expected = [ErrorCode::UnbalancedFilter, ErrorCode::InvalidParameter];
            assert!(refused.is_err_and(|code| expected.contains(&code)), "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}a[eq]:1{}", "and(".repeat(10_000), ")".repeat(10_000));
        let wide = vec!["a[eq]:1"; 501].join(",");
        let long = format!("{}a[eq]:1", "a.".repeat(100_000));
        for text in [
            "",
            "name",
            "name[eq]",
            "name[eq]:",
            "[eq]:x",
            "name[regex]:x",
            "name[in]:x",
            "name[is]:null",
            "name[is]:\"NULL\"",
            "not(a[eq]:1,b[eq]:2)",
            "and()",
            "s[in]:[a",
            ",",
            "a[eq]:1,",
            &deep,
            &wide,
            &long,
        ] {
            let refused = parse(text, &mut Values::default()).map(|_| ()).map_err(|error| error.code);
            assert_eq!(
                refused,
                Err(ErrorCode::InvalidParameter),
                "{}",
                text.chars().take(60).collect::<String>()
            );
        }
    }
}
