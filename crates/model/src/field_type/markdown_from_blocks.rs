//! The blocks of BlockNote's default schema to Markdown.
//!
//! Colours, alignment, underlining and empty blocks are lost; text is escaped, so that it reads the
//! same. Recurses as deep as the blocks nest, which JSON text bounds (serde_json: 128 levels).

use serde_json::Value as Json;

/// Markdown with the content of `blocks`; `None` when one of them is of a type that is not known.
pub(super) fn convert(blocks: &Json) -> Option<String> {
    let mut markdown = String::new();
    let mut previous = "";
    let mut number = 0;
    for block in blocks.as_array()? {
        let block_type = block["type"].as_str()?;
        number = match block["props"]["start"].as_u64() {
            Some(start) if block_type != previous => start,
            _ if block_type == previous => number + 1,
            _ => 1,
        };
        let text = convert_block(block, block_type, number)?;
        if text.is_empty() {
            continue;
        }
        if !markdown.is_empty() {
            let is_same_list = block_type == previous && block_type.ends_with("ListItem");
            markdown.push_str(if is_same_list { "\n" } else { "\n\n" });
        }
        markdown.push_str(&text);
        previous = block_type;
    }
    Some(markdown)
}

/// One block and its children.
fn convert_block(block: &Json, block_type: &str, number: u64) -> Option<String> {
    let props = &block["props"];
    let list_mark = match block_type {
        "bulletListItem" | "toggleListItem" => "- ".to_owned(),
        "numberedListItem" => format!("{number}. "),
        "checkListItem" if props["checked"] == true => "- [x] ".to_owned(),
        "checkListItem" => "- [ ] ".to_owned(),
        _ => return with_children(convert_leaf(block, block_type)?, block),
    };
    let content_column = list_mark.find(' ').map_or(0, |blank| blank + 1);
    let text = list_mark + &escape_start(&inline(&block["content"])?);
    let children = children(block)?;
    let separator = if children.is_empty() || starts_with_list(block) { "\n" } else { "\n\n" };
    let whole = if children.is_empty() { text } else { text + separator + &children };
    Some(indent_rest(&whole, content_column))
}

/// A block that is no list item, without its children.
fn convert_leaf(block: &Json, block_type: &str) -> Option<String> {
    let (props, content) = (&block["props"], &block["content"]);
    match block_type {
        "paragraph" => Some(escape_start(&inline(content)?)),
        "heading" => {
            let level = props["level"].as_u64().unwrap_or(1).clamp(1, 6);
            let text = inline(content)?.replace("\\\n", " ");
            Some(format!("{} {text}", "#".repeat(level as usize)))
        }
        "quote" => Some(format!("> {}", escape_start(&inline(content)?).replace('\n', "\n> "))),
        "codeBlock" => Some(code_block(&plain_text(content)?, props["language"].as_str())),
        "image" => Some(format!("!{}", media_link(props))),
        "video" | "audio" | "file" => Some(media_link(props)),
        "divider" => Some("---".to_owned()),
        _ => None,
    }
}

fn with_children(text: String, block: &Json) -> Option<String> {
    let children = children(block)?;
    let separator = if text.is_empty() || children.is_empty() { "" } else { "\n\n" };
    Some(text + separator + &children)
}

fn children(block: &Json) -> Option<String> {
    match &block["children"] {
        Json::Null => Some(String::new()),
        children => convert(children),
    }
}

/// Whether the first child is a list item, which needs no empty line before it.
fn starts_with_list(block: &Json) -> bool {
    block["children"][0]["type"].as_str().is_some_and(|child| child.ends_with("ListItem"))
}

/// `text` with its lines but the first behind blanks, as the content of a list item.
fn indent_rest(text: &str, blanks: usize) -> String {
    let mut lines = text.split('\n');
    let mut indented = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        indented.push('\n');
        if !line.is_empty() {
            indented.extend(std::iter::repeat_n(' ', blanks));
            indented.push_str(line);
        }
    }
    indented
}

fn code_block(code: &str, language: Option<&str>) -> String {
    let fence = "`".repeat(longest_run(code, '`').max(2) + 1);
    let language = language.filter(|language| *language != "text").unwrap_or_default();
    format!("{fence}{language}\n{code}\n{fence}")
}

fn media_link(props: &Json) -> String {
    let text =
        ["caption", "name"].into_iter().find_map(|name| props[name].as_str().filter(|text| !text.is_empty()));
    link(&escape(text.unwrap_or_default()), props["url"].as_str().unwrap_or_default())
}

fn link(text: &str, url: &str) -> String {
    let is_plain = !url.contains([' ', '(', ')', '<', '>', '\n']);
    if is_plain {
        format!("[{text}]({url})")
    } else {
        format!("[{text}](<{}>)", url.replace(['<', '>', '\n'], ""))
    }
}

/// The inline content of a block: text, or a list of texts and links. `None` for other content, such
/// as that of a table.
fn inline(content: &Json) -> Option<String> {
    match content {
        Json::Null => Some(String::new()),
        Json::String(text) => Some(escape(text)),
        Json::Array(items) => items.iter().map(inline_item).collect(),
        _ => None,
    }
}

fn inline_item(item: &Json) -> Option<String> {
    match item["type"].as_str()? {
        "text" => Some(styled(item["text"].as_str()?, &item["styles"])),
        "link" => Some(link(&inline(&item["content"])?, item["href"].as_str()?)),
        _ => None,
    }
}

/// The text of inline content without its styles, as code blocks show it.
fn plain_text(content: &Json) -> Option<String> {
    match content {
        Json::Null => Some(String::new()),
        Json::String(text) => Some(text.clone()),
        Json::Array(items) => items.iter().map(|item| item["text"].as_str()).collect(),
        _ => None,
    }
}

/// Text between the marks of its styles. Blanks at its ends stay outside, where marks need them.
fn styled(text: &str, styles: &Json) -> String {
    let core = text.trim();
    if core.is_empty() {
        return escape(text);
    }
    let (before, rest) = text.split_at(text.len() - text.trim_start().len());
    let after = &rest[core.len()..];
    let mut marked = if styles["code"] == true { code_span(core) } else { escape(core) };
    for (style, mark) in [("italic", "*"), ("bold", "**"), ("strike", "~~")] {
        if styles[style] == true {
            marked = format!("{mark}{marked}{mark}");
        }
    }
    format!("{}{marked}{}", escape(before), escape(after))
}

fn code_span(code: &str) -> String {
    let fence = "`".repeat(longest_run(code, '`') + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", code.replace('\n', " "))
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|c| c != wanted).map(str::len).max().unwrap_or(0)
}

/// Text that means itself in Markdown, line ends as hard breaks. NUL goes, which Markdown has not.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut previous = ' ';
    for (index, c) in text.char_indices() {
        let next = text[index + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            '\0' => {}
            '\n' => escaped.push_str("\\\n"),
            // Within a word, an underscore means nothing.
            '_' if previous.is_alphanumeric() && next.is_alphanumeric() => escaped.push(c),
            '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '~' => escaped.extend(['\\', c]),
            '&' if is_entity(&text[index + 1..]) => escaped.push_str("\\&"),
            _ => escaped.push(c),
        }
        previous = c;
    }
    escaped
}

/// Whether an `&` before `rest` would begin an entity such as `&amp;`.
fn is_entity(rest: &str) -> bool {
    rest.split_once(';').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
    })
}

/// `text`, escaped where a line begins like a heading, a quote or a list.
fn escape_start(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape_line_start).collect();
    lines.join("\n")
}

fn escape_line_start(line: &str) -> String {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if line.starts_with(['#', '>', '+', '-', '=']) {
        format!("\\{line}")
    } else if digits > 0 && line[digits..].starts_with(['.', ')']) {
        format!("{}\\{}", &line[..digits], &line[digits..])
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::field_type::blocks_from_markdown;

    fn text(text: &str, styles: &[&str]) -> Json {
        let styles: Json = styles
            .iter()
            .map(|style| ((*style).to_owned(), json!(true)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({"type": "text", "text": text, "styles": styles})
    }

    fn paragraph(content: Json) -> Json {
        json!([{"id": "b1", "type": "paragraph", "props": {}, "content": content, "children": []}])
    }

    /// Markdown that comes back as it was from blocks.
    const STABLE: [&str; 22] = [
        "",
        "Gate is **open**",
        "One\n\nTwo",
        "One\\\nTwo",
        "*a* ~~b~~ `c` ***d***",
        "# A\n\n### B **c**",
        "- a\n- b",
        "1. a\n2. b",
        "4. a\n5. b",
        "- [ ] a\n- [x] b",
        "- a\n  - b\n    1. c\n       - d\n- e",
        "- a\n\n  b",
        "- [x] a\n  - b",
        "> a\n\nb",
        "```rust\nfn a() {}\n\nb\n```",
        "- a\n\n  ```\n  b\n\n  c\n  ```",
        "[a **b**](https://a.example)",
        "snake_case 2 \\* 3 \\[x\\] \\<b> AT&T \\&amp;",
        "\\# no heading",
        "1986\\. A year",
        "\\- no list",
        "``a`b``",
    ];

    #[test]
    fn markdown_survives_the_way_there_and_back() {
        for markdown in STABLE {
            let blocks = blocks_from_markdown::convert(markdown);
            assert_eq!(convert(&blocks).as_deref(), Some(markdown), "{blocks}");
        }
    }

    #[test]
    fn blocks_become_markdown() {
        for (blocks, expected) in [
            (json!([]), Some("")),
            (paragraph(json!([text("blocks", &[])])), Some("blocks")),
            (paragraph(json!([text(" a ", &["bold"]), text("b", &[])])), Some("**a** b")),
            (paragraph(json!([text("a", &["underline"])])), Some("a")),
            (paragraph(json!("a *b*")), Some("a \\*b\\*")),
            (paragraph(json!(null)), Some("")),
            (paragraph(json!([{"type": "mention", "props": {}}])), None),
            (paragraph(json!({"type": "tableContent", "rows": []})), None),
            (paragraph(json!([text("a\u{0}b", &[])])), Some("ab")),
            (json!([{"type": "paragraph"}]), Some("")),
            (json!([{"type": "divider"}]), Some("---")),
            (
                json!([{"type": "image", "props": {"url": "/files/1", "caption": "Plan"}}]),
                Some("![Plan](/files/1)"),
            ),
            (json!([{"type": "file", "props": {"url": "/a b", "name": "Plan"}}]), Some("[Plan](</a b>)")),
            (json!([{"type": "hologram"}]), None),
            (json!([{}]), None),
            (json!(["a"]), None),
            (json!({}), None),
            (
                json!([{"type": "paragraph", "content": "a", "children": [{"type": "paragraph", "content": "b"}]}]),
                Some("a\n\nb"),
            ),
            (
                json!([{"type": "codeBlock", "props": {"language": "text"}, "content": "```\na"}]),
                Some("````\n```\na\n````"),
            ),
        ] {
            assert_eq!(convert(&blocks).as_deref(), expected, "{blocks}");
        }
    }
}
