"""What runs in Lambda."""

import gc

NEW_OBJECTS = 50_000
"""So many are made before garbage is looked for among them: an import makes as many that stay, and a request few."""

gc.set_threshold(NEW_OBJECTS)
