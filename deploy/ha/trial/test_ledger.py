"""The check itself is checked: a lost write must not pass unseen."""

import unittest

from ledger import UserHistory, broken_promises


def history(acknowledged=None, unknown=None):
    return UserHistory("u", acknowledged or {}, unknown or {})


class Ledger(unittest.TestCase):
    def check(self, history, row):
        return broken_promises([history], {} if row is None else {"u": row})

    def test_what_was_acknowledged_must_be_there(self):
        written = history({"bio": "a", "title": "b"})
        self.assertEqual(self.check(written, {"bio": "a", "title": "b"}), [])
        self.assertEqual(len(self.check(written, {"bio": "a", "title": ""})), 1)
        self.assertEqual(len(self.check(written, {"bio": "a", "title": "z"})), 1)
        self.assertEqual(len(self.check(written, None)), 1)

    def test_what_was_refused_may_be_there_or_not(self):
        refused = history({"bio": "a"}, {"title": "b"})
        self.assertEqual(self.check(refused, {"bio": "a", "title": ""}), [])
        self.assertEqual(self.check(refused, {"bio": "a", "title": "b"}), [])
        self.assertEqual(self.check(history(unknown={"bio": "a"}), None), [])

    def test_what_nobody_wrote_must_not_be_there(self):
        refused = history({"bio": "a"}, {"title": "b"})
        self.assertEqual(len(self.check(refused, {"bio": "a", "title": "c"})), 1)
        self.assertEqual(len(self.check(refused, {"bio": "a", "location": "c"})), 1)
        self.assertEqual(len(broken_promises([], {"v": {}})), 1)


if __name__ == "__main__":
    unittest.main()
