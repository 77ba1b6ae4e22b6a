"""The laboratory: traffic to try a gate with. It knows the gate; the gate does not know it.

`scenarios` writes honest customers and campaigns as lines of a traffic log, `drill` plays them
against a live gate, `demo` plays a small world through a sidecar of its own, and `upstream` stands
in for a model. The commands `distillgate demo` and `distillgate drill` are registered from here.
"""
