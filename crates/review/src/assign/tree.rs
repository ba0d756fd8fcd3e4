//! The spanning tree of a simplex basis, as flat lists.

const NONE: u32 = u32::MAX;

/// A tree over all nodes with the root 0. Each other node hangs on its parent by one arc.
pub(super) struct Tree {
    parent: Vec<u32>,
    /// The arc to the parent.
    arc: Vec<u32>,
    /// Whether that arc leads from the node to its parent.
    up: Vec<bool>,
    /// How many nodes hang on a node, itself among them.
    size: Vec<u32>,
    child: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
}

impl Tree {
    /// The tree of these parents (the root's entry is not read).
    pub fn of(parent: Vec<u32>, arc: Vec<u32>, up: Vec<bool>) -> Self {
        let nodes = parent.len();
        let mut tree = Self {
            parent,
            arc,
            up,
            size: vec![1; nodes],
            child: vec![NONE; nodes],
            next: vec![NONE; nodes],
            before: vec![NONE; nodes],
        };
        for node in (1..nodes).rev() {
            tree.link(node as u32, tree.parent[node]);
        }
        let mut order = Vec::with_capacity(nodes);
        tree.walk(0, |node| order.push(node));
        debug_assert_eq!(order.len(), nodes, "the parents make a tree");
        for node in order.into_iter().skip(1).rev() {
            tree.size[tree.parent[node] as usize] += tree.size[node];
        }
        tree
    }

    pub fn parent(&self, node: u32) -> u32 {
        self.parent[node as usize]
    }

    /// The arc to the parent, and whether it leads there.
    pub fn arc(&self, node: u32) -> (u32, bool) {
        (self.arc[node as usize], self.up[node as usize])
    }

    /// The deepest node on which both hang.
    pub fn join(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            if self.size[a as usize] < self.size[b as usize] {
                a = self.parent[a as usize];
            } else {
                b = self.parent[b as usize];
            }
        }
        a
    }

    /// Calls `visit` for a node and all that hangs on it, each after its parent.
    pub fn walk(&self, top: u32, mut visit: impl FnMut(usize)) {
        let mut node = top;
        loop {
            visit(node as usize);
            let child = self.child[node as usize];
            if child != NONE {
                node = child;
                continue;
            }
            while node != top && self.next[node as usize] == NONE {
                node = self.parent[node as usize];
            }
            if node == top {
                return;
            }
            node = self.next[node as usize];
        }
    }

    /// Cuts the part that hangs on `out` off its parent and hangs it by its node `inner` on `outer`,
    /// with `arc`. `join` is where the ways from `inner` and `outer` to the root meet.
    pub fn rehang(&mut self, out: u32, inner: u32, outer: u32, join: u32, arc: u32, up: bool) {
        let moved = self.size[out as usize];
        let mut node = self.parent[out as usize];
        while node != join {
            self.size[node as usize] -= moved;
            node = self.parent[node as usize];
        }
        node = outer;
        while node != join {
            self.size[node as usize] += moved;
            node = self.parent[node as usize];
        }
        // The way from `inner` to `out` is turned round.
        let (mut node, mut above) = (inner, outer);
        let (mut arc, mut up) = (arc, up);
        let mut size = moved;
        loop {
            let at = node as usize;
            let old_parent = self.parent[at];
            let old_size = self.size[at];
            self.unlink(node);
            self.parent[at] = above;
            self.link(node, above);
            std::mem::swap(&mut self.arc[at], &mut arc);
            std::mem::swap(&mut self.up[at], &mut up);
            self.size[at] = size;
            if node == out {
                return;
            }
            up = !up;
            size = moved - old_size;
            above = node;
            node = old_parent;
        }
    }

    fn link(&mut self, node: u32, parent: u32) {
        let first = self.child[parent as usize];
        self.next[node as usize] = first;
        self.before[node as usize] = NONE;
        if first != NONE {
            self.before[first as usize] = node;
        }
        self.child[parent as usize] = node;
    }

    fn unlink(&mut self, node: u32) {
        let (before, next) = (self.before[node as usize], self.next[node as usize]);
        if before == NONE {
            self.child[self.parent[node as usize] as usize] = next;
        } else {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
    }
}
