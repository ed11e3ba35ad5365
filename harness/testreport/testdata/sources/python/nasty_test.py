import sys, unittest, pytest
from sol import *

def test_plain_eq(): assert div(4, 2) == 3
def test_or():
    x = 5
    assert x == 1 or x == 2
def test_in(): assert 3 in [1, 2]
def test_is(): assert div(1, 1) is None
def test_lt(): assert div(9, 3) < 2
def test_ne(): assert div(9, 3) != 3
def test_truth(): assert div(0, 3)
def test_message(): assert div(4, 2) == 3, "four halves are three"
def test_weird(): assert Weird() == 3
def test_exit_repr(): assert [Exit()] == 3
def test_rec(): assert Rec() == 3
def test_addr(): assert Plain() == 3
def test_huge(): assert list(range(100000)) == []
def test_huge_str(): assert "x" * 100000 == "y"
def test_deep_nested():
    a = []
    for _ in range(900): a = [a]
    assert a == 1
def test_multi(): assert speak() == "a\nc"
def test_dict(): assert {"b": 1, "a": 2} == {"a": 2}
def test_eq_boom(): assert EqBoom() == 1
def test_raises_nothing():
    with pytest.raises(ValueError): div(1, 1)
def test_raises_other():
    with pytest.raises(ValueError): div(1, 0)
def test_raises_match():
    with pytest.raises(ZeroDivisionError, match="nothing like this"): div(1, 0)
def test_recursion(): deep(0)
def test_exit(): sys.exit(3)
def test_badstr(): bad()
def test_bytes_and_control(): assert "a\x1b[31m\x00" == "b\ud800"
def test_print():
    """Greets in a friendly way

    More."""
    speak(); print("err", file=sys.stderr); assert div(1, 1) == 2
@pytest.mark.parametrize("a,b", [(1, 2), (3, 3)])
def test_param(a, b): assert a == b
@pytest.mark.skip(reason="not today")
def test_skip(): pass
@pytest.mark.xfail(reason="known")
def test_xfail(): assert 0
@pytest.fixture
def broken(): raise OSError("fixture broke")
def test_fixture(broken): pass
@pytest.fixture
def teardown():
    yield
    raise OSError("teardown broke")
def test_teardown(teardown): pass
@pytest.mark.task(taskno=2)
def test_task(): pass
def test_input(): input("name? ")
def test_stale():
    try: assert 1 == 2
    except AssertionError: pass
    raise RuntimeError("later")
def test_fail(): pytest.fail("just no")

class UT(unittest.TestCase):
    def test_z_first(self): self.assertEqual(div(4, 2), 3, msg="custom text")
    def test_sub(self):
        for i, (a, b) in enumerate([(1, 1), (2, 3), (4, 5)], 1):
            with self.subTest(f"variation #{i}", a=a): self.assertEqual(a, b, msg=f"Called f({a})")
    def test_list(self): self.assertEqual([1, 2], [1, 3])
    def test_str(self): self.assertEqual("one\ntwo", "one\nthree")
    def test_true(self): self.assertTrue(div(0, 1))
    def test_in(self): self.assertIn(1, [2])
    def test_none(self): self.assertIsNone(3)
    def test_almost(self): self.assertAlmostEqual(1.0, 1.1)
    def test_raises(self):
        with self.assertRaises(ValueError): pass
    def test_raises_wrong(self):
        with self.assertRaises(ValueError): div(1, 0)
    def test_raises_regex(self):
        with self.assertRaisesRegex(ZeroDivisionError, "xyz"): div(1, 0)
    def test_count(self): self.assertCountEqual([1, 2], [2, 3])
    def test_fail(self): self.fail("no luck")
    def helper(self, x): self.assertEqual(x, 1)
    def test_helper(self): self.helper(2)
    def test_ok(self): self.assertEqual(1, 1)
    @unittest.expectedFailure
    def test_expected_failure(self): self.assertEqual(1, 2)
    @unittest.skip("later")
    def test_skipped(self): pass
