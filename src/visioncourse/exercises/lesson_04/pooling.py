"""Exercise 04.4: the rule of max-pooling."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04 import pools
from visioncourse.exercises.lesson_04.answers import max_pool_backward
from visioncourse.exercises.lesson_04.pools import (
    first_only,
    first_place,
    pool_by_position,
    pool_by_share,
    pool_by_writing,
)

EVEN = np.array([[0.0, 2, 5, 1], [2, 2, -1, 5], [-3, -2, 7, -9], [-4, -1, 0, 3]])
ODD = np.array(
    [[1.0, 4, 0, 0, 6, -2, 9], [4, 0, 0, 0, 3, 6, 9], [-1, -5, 2, 3, 8, 1, 9], [-2, -1, 3, 2, 7, 0, 9], [9] * 7]
)
LARGE = np.random.default_rng(5).integers(-9, 9, (10, 11)).astype(float)
BLAMES = [np.random.default_rng(6).normal(size=shape) for shape in ((2, 2), (2, 3), (3, 3))]

POOLING = Exercise(
    id="04.4",
    title="Back through max-pooling",
    reference=max_pool_backward,
    cases=[(EVEN, 2, BLAMES[0]), (ODD, 2, BLAMES[1]), (LARGE, 3, BLAMES[2])],
    mistakes=[
        Mistake(
            "all of the largest",
            pool_by_share(lambda tile: tile == tile.max()),
            "Where a tile has several equal maxima you give each of them everything, and more comes back than arrived. "
            "The first one gets it all, the others nothing.",
        ),
        Mistake(
            "the largest share it",
            pool_by_share(lambda tile: (tile == tile.max()) / (tile == tile.max()).sum()),
            "Where a tile has several equal maxima you divide the blame among them. That is fair, and some engines do "
            "it; here the first one in reading order gets it all.",
        ),
        Mistake(
            "the tile shares it",
            pool_by_share(lambda tile: np.full(tile.shape, 1 / tile.size)),
            "You spread the blame evenly over the tile. That is the rule of average-pooling, where every pixel has a "
            "part in the result. Here only the largest has.",
        ),
        Mistake(
            "the tile copies it",
            pool_by_share(np.ones_like),
            "You give the blame to every pixel of the tile. Turn one of the smaller ones a little: the result does not "
            "move, so it gets nothing.",
            also=[lambda image, k, gradient: np.kron(gradient, np.ones((k, k)))],
        ),
        Mistake(
            "times the value",
            pool_by_share(lambda tile: first_only(tile) * tile.max()),
            "The right pixels, but you multiply by the pixel's value. The result moves exactly as the largest pixel "
            "does: its slope is 1.",
        ),
        Mistake(
            "ones",
            lambda image, k, gradient: pool_by_share(first_only)(image, k, np.ones_like(gradient)),
            "You mark the largest pixel of each tile with a 1. Put there what arrived for this tile, `gradient[i, j]`.",
        ),
        Mistake(
            "a copy of the image",
            pools.over_a_copy,
            "Where no blame arrives your result still shows the image. A gradient begins with nothing: "
            "`np.zeros_like(image)` in place of a copy.",
            also=[lambda image, k, gradient: image + max_pool_backward(image, k, gradient)],
        ),
        Mistake(
            "leftovers met",
            pools.across_the_image,
            "Your function is right where k divides the image, and stops where rows or columns are left over: the "
            "gradient has no number for them. Count the tiles by the gradient's shape, not by the image's.",
            also=[pools.cut_by_reshape],
        ),
        Mistake(
            "leftovers met, equals rewarded",
            pools.all_equal_by_reshape,
            "Where rows or columns are left over your function stops: what k does not divide cannot be cut into whole "
            "tiles; leave the rest out first. And of several equal maxima in a tile each gets everything.",
        ),
        Mistake(
            "the last maximum",
            pool_by_position(pools.last_place),
            "Where a tile has several equal maxima you take the last one. A comparison with `>=` does that; `>` keeps "
            "the first, and so does `argmax`.",
        ),
        Mistake(
            "first down the columns",
            pool_by_position(pools.first_down),
            "Where a tile has several equal maxima you take the first one down the columns. Reading order goes along "
            "the first row, then along the second: rows in the outer loop, columns in the inner one.",
        ),
        Mistake(
            "search from zero",
            pool_by_position(pools.first_above_zero),
            "In a tile without positive numbers your search finds nothing, and the blame goes to the corner. A best so "
            "far that begins at 0 does that; begin with the tile's first pixel, or with `-np.inf`.",
        ),
        Mistake(
            "search from zero, given up",
            pool_by_share(lambda tile: first_only(tile) * (tile.max() > 0)),
            "A tile without positive numbers hands on nothing. It too has a largest pixel, which came through; does "
            "your search begin at 0? Begin with `-np.inf`, or with the tile's first pixel.",
        ),
        Mistake(
            "searched in the whole image",
            pool_by_writing(pools.write_where_found),
            "You look for the tile's largest value in the whole image, and the same number stands in other places too. "
            "Look within the tile, and add where the tile begins.",
            also=[
                pool_by_writing(pools.add_where_found),
                pool_by_writing(pools.write_where_equal),
                pool_by_writing(pools.add_where_equal),
            ],
        ),
        Mistake(
            "largest size",
            pool_by_share(lambda tile: first_only(abs(tile))),
            "You dropped the signs before comparing. −9 is smaller than 7, and did not come through.",
        ),
        Mistake(
            "cropped",
            lambda image, k, gradient: max_pool_backward(
                image[: image.shape[0] // k * k, : image.shape[1] // k * k], k, gradient
            ),
            "Your result lacks the rows and columns that were left over. They got no blame, but they belong to the "
            "image: a gradient has the shape of its ingredient.",
        ),
        Mistake(
            "row and column exchanged",
            pool_by_position(lambda tile, width: first_place(tile, width)[::-1]),
            "Within the tile you exchanged row and column. `argmax` counts in reading order: the row is "
            "`argmax // k`, the column `argmax % k`.",
        ),
        Mistake(
            "counted in the image",
            pool_by_position(lambda tile, width: divmod(int(tile.argmax()), width)),
            "You divide the position by a side of the image. `argmax` counted within the tile, whose rows have k "
            "pixels: `argmax // k` and `argmax % k`.",
        ),
        Mistake(
            "windows for tiles",
            pool_by_position(first_place, read=1, write=1),
            "Your windows overlap, as in a convolution: `image[i : i + k]` begins at row i. Tiles stand side by side, "
            "and the tile (i, j) begins at row i·k and column j·k.",
            also=[pool_by_position(first_place, read=1, write=1, adding=True)],
        ),
        Mistake(
            "windows read, tiles written",
            pool_by_position(first_place, read=1),
            "You write at i·k and j·k, as is right, but look for the maximum in `image[i : i + k, j : j + k]`, which "
            "begins at row i. Cut the tile out where it is: from i·k to (i + 1)·k.",
        ),
        Mistake(
            "offset without k",
            pool_by_position(first_place, write=1),
            "You find the largest pixel of the right tile, and then write at row i + row. The tile (i, j) begins at "
            "row i·k and column j·k: add these.",
            also=[pool_by_position(first_place, write=1, adding=True)],
        ),
        Mistake(
            "position for a row",
            pool_by_writing(pools.write_row),
            "`argmax` gives a single number, the position in reading order, and as an index that number picks a whole "
            "row. `divmod` by k makes a row and a column of it, counted from the tile's corner.",
            also=[pool_by_writing(pools.add_row)],
        ),
        Mistake(
            "position in the whole image",
            pool_by_writing(pools.write_flat),
            "You use `argmax` of the tile as a position in the image. It counted the tile's k·k pixels: `divmod` by k "
            "gives row and column within the tile, which begins at (i·k, j·k).",
            also=[pool_by_writing(pools.add_flat)],
        ),
        Mistake(
            "corner of the image",
            pool_by_position(first_place, write=0),
            "All of the blame lands in the first tile, and what was there is overwritten. The tile (i, j) begins at "
            "row i·k and column j·k: add these.",
        ),
        Mistake(
            "corner of the image, added up",
            pool_by_position(first_place, write=0, adding=True),
            "All of the blame piles up in the first tile. The position is counted from the tile's own corner, and the "
            "tile (i, j) begins at row i·k and column j·k.",
        ),
        Mistake(
            "corner of the tile",
            pool_by_position(lambda tile, width: (0, 0)),
            "You give the blame to the upper left pixel of each tile. It belongs to the largest one, wherever that is.",
        ),
        Mistake(
            "row and column apart",
            pool_by_position(lambda tile, width: (int(tile.max(axis=1).argmax()), int(tile.max(axis=0).argmax()))),
            "You look for the row and for the column of the maximum separately. With two equal maxima these may belong "
            "to different ones, and meet at a pixel that is none.",
        ),
    ],
    hints=[
        "Start with zeros in the image's shape and walk over the tiles: `for (i, j), g in np.ndenumerate(gradient)`.",
        "Which pixel of the tile was let through? `tile.argmax()` counts in reading order and takes the first.",
        "`row, column = divmod(tile.argmax(), k)`, counted from the tile's corner, which is (i·k, j·k).",
    ],
    idea="Each tile's blame goes to the one pixel that was let through; all others get zero, those left over included.",
)
