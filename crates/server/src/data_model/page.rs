//! Pages of objects, fields and indexes: always newest id first.

use uuid::Uuid;

/// Which page is asked for. At most one of the cursors is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequest {
    pub(crate) limit: usize,
    /// Entries that follow this id in the list.
    pub(crate) after: Option<Uuid>,
    /// Entries that come before this id in the list.
    pub(crate) before: Option<Uuid>,
    /// Whether the entries nearest to the end, or to `before`, are wanted.
    pub(crate) backward: bool,
}

/// One page, in list order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<(Uuid, T)>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
}

/// The page of `entries`, which come in any order.
pub(crate) fn page<T>(mut entries: Vec<(Uuid, T)>, request: PageRequest) -> Page<T> {
    entries.sort_by(|(left, _), (right, _)| right.cmp(left));
    entries.retain(|(id, _)| {
        request.after.is_none_or(|after| *id < after) && request.before.is_none_or(|before| before < *id)
    });
    let has_more = request.limit < entries.len();
    if request.backward {
        entries.drain(..entries.len().saturating_sub(request.limit));
        return Page { entries, has_next: request.before.is_some(), has_previous: has_more };
    }
    entries.truncate(request.limit);
    Page { entries, has_next: has_more, has_previous: request.after.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_both_ways() {
        let id = Uuid::from_u128;
        let entries = || (1..=5).map(|number| (id(number), number)).collect::<Vec<_>>();
        let forward = |limit, after| PageRequest { limit, after, ..PageRequest::default() };
        let backward = |limit, before| PageRequest { limit, before, backward: true, after: None };
        for (request, numbers, has_next, has_previous) in [
            (forward(2, None), vec![5, 4], true, false),
            (forward(2, Some(id(4))), vec![3, 2], true, true),
            (forward(2, Some(id(2))), vec![1], false, true),
            (forward(9, None), vec![5, 4, 3, 2, 1], false, false),
            (forward(0, None), vec![], true, false),
            (backward(2, None), vec![2, 1], false, true),
            (backward(2, Some(id(2))), vec![4, 3], true, true),
            (backward(2, Some(id(4))), vec![5], true, false),
        ] {
            let page = page(entries(), request);
            let found: Vec<u128> = page.entries.iter().map(|(_, number)| *number).collect();
            assert_eq!(
                (found, page.has_next, page.has_previous),
                (numbers, has_next, has_previous),
                "{request:?}"
            );
        }
    }
}
