class Weird:
    def __repr__(self): raise RuntimeError("no repr")
class Exit:
    def __repr__(self): raise SystemExit(3)
class Rec:
    def __repr__(self): return repr(self)
class Plain: pass
class EqBoom:
    def __eq__(self, o): raise ValueError("eq boom")
def div(a, b): return a / b
def deep(n): return deep(n + 1)
def speak(): print("hello from solution"); return "a\nb"
class BadStr(Exception):
    def __str__(self): raise KeyError("x")
def bad(): raise BadStr()
