"""The APIs: one file each says where its calls are asked and how they are read, answered, refused
and changed by measures. What they have in common is in `wire`; `registry` lists them.
"""
