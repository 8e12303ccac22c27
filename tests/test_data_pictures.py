"""Pictures of every mode come out upright, opaque, at full depth and in [0, 1]."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from visioncourse.data import load
from visioncourse.data.pixels import fit_picture, open_picture


def tensor_of(path: Path, size: int, channels: int = 3) -> torch.Tensor:
    return fit_picture(open_picture(path), size, channels)


DEEP = np.array([[0, 300], [32768, 65535]], np.uint16)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path, name, channels):
    Image.fromarray(DEEP).save(tmp_path / name)
    values = tensor_of(tmp_path / name, 2, channels)
    assert values.shape == (channels, 2, 2) and values.dtype == torch.float32 and values.is_contiguous()
    torch.testing.assert_close(values, torch.tensor(DEEP / 65535).float().expand(channels, 2, 2))
    resized = tensor_of(tmp_path / name, 1, channels)
    torch.testing.assert_close(resized.flatten(), values.flatten(1).mean(1))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.array([[0.0, 0.25], [0.5, 1.0]], np.float32), [0, 0.25, 0.5, 1]),
        (np.array([[0, 51], [102, 255]], np.float32), [0, 0.2, 0.4, 1]),
        (np.array([[-1, np.nan], [0.5, 1]], np.float32), [0, 0, 0.5, 1]),
        (np.array([[0, 13107], [65535, 90000]], np.int32), [0, 0.2, 1, 1]),
    ],
)
def test_fractions_and_long_numbers(tmp_path, values, wanted):
    Image.fromarray(values).save(tmp_path / "a.tif")
    torch.testing.assert_close(tensor_of(tmp_path / "a.tif", 2, 1).flatten(), torch.tensor(wanted).float())


def test_big_endian_sixteen_bits(tmp_path):
    Image.frombytes("I;16B", (2, 2), DEEP.astype(">u2").tobytes()).save(tmp_path / "a.tif")
    torch.testing.assert_close(tensor_of(tmp_path / "a.tif", 2, 1)[0], torch.tensor(DEEP / 65535).float())


def test_one_bit_grey_and_colour(tmp_path):
    bits = np.array([[0, 255], [255, 0]], np.uint8)
    for name, picture in (("1.png", Image.fromarray(bits).convert("1")), ("L.png", Image.fromarray(bits))):
        picture.save(tmp_path / name)
        for channels in (1, 3):
            assert torch.equal(
                tensor_of(tmp_path / name, 2, channels), torch.tensor(bits / 255).expand(channels, 2, 2).float()
            )


RED, TOLERANCE = (255, 0, 0), {"rtol": 0, "atol": 0.02}


@pytest.mark.parametrize(
    ("mode", "name"), [("CMYK", "a.jpg"), ("CMYK", "a.tif"), ("P", "a.png"), ("YCbCr", "a.jpg"), ("RGB", "a.webp")]
)
def test_colours_survive_every_way_of_storing_them(tmp_path, mode, name):
    Image.new("RGB", (8, 8), RED).convert(mode).save(tmp_path / name)
    wanted = torch.tensor([1.0, 0, 0]).view(3, 1, 1).expand(3, 8, 8)
    torch.testing.assert_close(tensor_of(tmp_path / name, 8), wanted, **TOLERANCE)
    torch.testing.assert_close(tensor_of(tmp_path / name, 8, 1), torch.full((1, 8, 8), 0.299), **TOLERANCE)


def half_transparent(mode: str) -> Image.Image:
    """Return two pixels: red, and one that cannot be seen, behind which there is black."""
    picture = Image.new("RGBA", (2, 1), (*RED, 255))
    picture.putpixel((1, 0), (0, 0, 0, 0))
    return picture if mode == "RGBA" else picture.quantize(4) if mode == "P" else picture.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA"])
def test_what_is_transparent_is_white(tmp_path, mode):
    half_transparent(mode).save(tmp_path / "a.png")
    opaque = open_picture(tmp_path / "a.png").convert("RGB")
    assert opaque.getpixel((1, 0)) == (255, 255, 255)
    assert opaque.getpixel((0, 0)) == (RED if mode != "LA" else (76, 76, 76))


def test_the_palettes_transparent_colour(tmp_path):
    picture = Image.new("P", (2, 2), 1)
    picture.putpalette([0, 0, 0, 0, 0, 255])
    picture.putpixel((0, 0), 0)
    picture.save(tmp_path / "a.png", transparency=0)
    assert tensor_of(tmp_path / "a.png", 2)[:, 0, 0].tolist() == [1, 1, 1]
    assert tensor_of(tmp_path / "a.png", 2)[:, 1, 1].tolist() == [0, 0, 1]


CORNERS = np.array([[10, 80], [150, 240]], np.uint8)
# What a camera stores when it was held in each of the eight ways that its EXIF note can name.
HELD = {
    1: CORNERS,
    2: CORNERS[:, ::-1],
    3: CORNERS[::-1, ::-1],
    4: CORNERS[::-1],
    5: CORNERS.T,
    6: np.rot90(CORNERS),
    7: CORNERS[::-1, ::-1].T,
    8: np.rot90(CORNERS, -1),
}


@pytest.mark.parametrize("note", HELD)
@pytest.mark.parametrize("deep", [False, True])
def test_cameras_may_be_held_in_any_way(tmp_path, note, deep):
    exif = Image.Exif()
    exif[0x0112] = note
    pixels = np.ascontiguousarray(HELD[note])
    Image.fromarray(pixels.astype(np.uint16) * 257 if deep else pixels).save(tmp_path / "a.png", exif=exif)
    torch.testing.assert_close(tensor_of(tmp_path / "a.png", 2, 1)[0], torch.tensor(CORNERS / 255).float())


def test_a_note_that_cannot_be_read_is_no_note(tmp_path):
    Image.new("RGB", (8, 8), RED).save(tmp_path / "a.jpg", exif=b"Exif\0\0no note at all")
    torch.testing.assert_close(tensor_of(tmp_path / "a.jpg", 4)[0], torch.ones(4, 4), **TOLERANCE)


def test_a_folder_may_mix_them(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(4):
            home = tmp_path / label / str(number)
            for mode in ("1", "L", "P", "RGB", "RGBA", "LA", "I;16"):
                Image.new(mode, (9 + number, 7)).save(f"{home}{mode.replace(';', '')}.png")
            for mode in ("L", "RGB", "CMYK"):
                Image.new(mode, (9, 7 + number)).save(f"{home}{mode}.jpg")
    for channels in (1, 3):
        for images, _ in load(f"folder:{tmp_path}", size=6, channels=channels).batches(16):
            assert images.shape[1:] == (channels, 6, 6) and images.min() >= 0 and images.max() <= 1
