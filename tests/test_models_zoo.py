"""torchvision's networks through torchvision's own loading code: files are planted in a temporary TORCH_HOME."""

from __future__ import annotations

import hashlib
import urllib.error
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from visioncourse.models import create
from visioncourse.models.zoo import adapt_first, find_weights

SMALL = "shufflenet_v2_x0_5"  # 1.4 million parameters


@pytest.fixture(autouse=True)
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give torch an empty home, and return the folder in which it looks for published weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "hub" / "checkpoints"


def publish(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, content: Any = None) -> tuple[Path, nn.Module]:
    """Write a file of random weights to ``folder``, named by its hash, and let torchvision's address name that file."""
    import torchvision

    network = torchvision.models.get_model(name).eval()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft"
    torch.save(network.state_dict() if content is None else content, draft)
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    file = draft.rename(folder / f"{name}-{digest[:8]}.pth")
    published = torchvision.models.get_model_weights(name).IMAGENET1K_V1
    monkeypatch.setattr(published.value, "url", file.as_uri())
    return file, network


def same(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_planted_weights_are_loaded(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, theirs = publish("resnet18", torch_home, monkeypatch)
    ours: Any = create("torchvision/resnet18", num_classes=1000, in_chans=3, weights="IMAGENET1K_V1").eval()
    images = torch.rand(2, 3, 40, 40)
    with torch.no_grad():
        same(ours(images), theirs(images))
        features = ours.forward_features(images)
        assert features.shape == (2, 512)
        same(ours.forward_head(features), theirs(images))


def test_weights_go_by_several_names() -> None:
    from torchvision.models import ResNet18_Weights

    entry = ResNet18_Weights.IMAGENET1K_V1
    for name in ("DEFAULT", "IMAGENET1K_V1", "ResNet18_Weights.IMAGENET1K_V1", entry):
        assert find_weights("resnet18", name) is entry


def test_a_file_under_the_published_name_is_enough(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import ShuffleNet_V2_X0_5_Weights

    name = ShuffleNet_V2_X0_5_Weights.DEFAULT.url.rpartition("/")[2]
    with monkeypatch.context() as patch:
        file, theirs = publish(SMALL, torch_home, patch)
    file.rename(torch_home / name)  # torchvision compares hashes when it downloads, not later
    ours = create(f"torchvision/{SMALL}", num_classes=1000, in_chans=3, weights="DEFAULT").eval()
    with torch.no_grad():
        same(ours(torch.ones(1, 3, 32, 32)), theirs(torch.ones(1, 3, 32, 32)))


def test_weights_are_downloaded_and_their_hash_checked(
    tmp_path: Path, torch_home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    file, theirs = publish(SMALL, tmp_path / "server", monkeypatch)
    ours = create(f"torchvision/{SMALL}", num_classes=1000, in_chans=3, weights="DEFAULT").eval()
    assert (torch_home / file.name).read_bytes() == file.read_bytes()
    assert capfd.readouterr().err == ""  # no bar
    with torch.no_grad():
        same(ours(torch.ones(1, 3, 32, 32)), theirs(torch.ones(1, 3, 32, 32)))


def test_a_download_with_another_hash_is_refused(
    tmp_path: Path, torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = publish(SMALL, tmp_path / "server", monkeypatch)
    file.write_bytes(file.read_bytes() + b"one more")
    with pytest.raises(ConnectionError, match=r"could not be downloaded \(invalid hash value"):
        create(f"torchvision/{SMALL}", weights="DEFAULT")
    assert list(torch_home.iterdir()) == []


def test_a_missing_network_gives_one_sentence(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(torch.hub, "urlopen", no_answer)
    with pytest.raises(ConnectionError) as caught:
        create("torchvision/resnet18", weights="DEFAULT")
    from torchvision.models import ResNet18_Weights

    url = ResNet18_Weights.IMAGENET1K_V1.url
    place = str(torch_home / url.rpartition("/")[2])
    text = str(caught.value)
    assert text.startswith("weights ResNet18_Weights.IMAGENET1K_V1 of torchvision/resnet18 are not at ")
    assert repr(place) in text and "no route to host" in text and url in text and "\n" not in text


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


@pytest.mark.parametrize(
    "damage", [cut_short, lambda file: file.write_bytes(b""), lambda file: file.write_bytes(b"<html>Not found</html>")]
)
def test_a_damaged_file_is_named(damage: Any, torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = publish(SMALL, torch_home, monkeypatch)
    damage(file)
    with pytest.raises(ValueError, match=f"{file.name}' is damaged or of another network") as caught:
        create(f"torchvision/{SMALL}", weights="DEFAULT")
    assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = publish(SMALL, torch_home, monkeypatch, content={"conv.weight": torch.zeros(3)})
    with pytest.raises(ValueError, match=f"{file.name}' is damaged or of another network .*state_dict"):
        create(f"torchvision/{SMALL}", weights="DEFAULT")


def test_another_number_of_classes_gets_a_fresh_last_layer(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, theirs = publish(SMALL, torch_home, monkeypatch)
    ours: Any = create(f"torchvision/{SMALL}", num_classes=7, in_chans=3, weights="DEFAULT").eval()
    images = torch.rand(2, 3, 32, 32)
    features = ours.forward_features(images)
    assert ours(images).shape == (2, 7)
    same(theirs.fc(features), theirs(images))  # the rest is what was loaded


def test_other_channels_keep_what_the_first_layer_has_learned(
    torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, theirs = publish(SMALL, torch_home, monkeypatch)
    grey = torch.rand(2, 1, 32, 32)
    expected = theirs(grey.expand(-1, 3, -1, -1))
    for in_chans in (1, 3, 6):
        ours = create(f"torchvision/{SMALL}", num_classes=1000, in_chans=in_chans, weights="DEFAULT").eval()
        same(ours(grey.expand(-1, in_chans, -1, -1)), expected)


@pytest.mark.parametrize("in_chans", [1, 2, 4, 5])
def test_adapted_channels_take_the_three_in_turn(in_chans: int) -> None:
    conv = nn.Conv2d(3, 4, 3, bias=False)
    old = conv.weight.detach().clone()
    adapt_first(conv, in_chans)
    assert conv.weight.shape == (4, in_chans, 3, 3) and conv.weight.requires_grad
    if in_chans == 1:
        torch.testing.assert_close(conv.weight[:, 0], old.sum(dim=1))
    else:
        for channel in range(in_chans):
            torch.testing.assert_close(conv.weight[:, channel], old[:, channel % 3] * 3 / in_chans)
    assert conv(torch.rand(1, in_chans, 5, 5)).shape == (1, 4, 3, 3)


# One of each way in which torchvision's networks end. Shapes alone show whether the cut is in the right place.
@pytest.mark.parametrize(
    ("name", "side"),
    [("alexnet", 64), ("densenet121", 32), ("googlenet", 32), ("inception_v3", 80),
     ("convnext_tiny", 32), ("mnasnet0_5", 32), ("swin_t", 32),
     ("vit_b_32", 224)],
)  # fmt: skip
def test_every_kind_of_network_is_cut_before_its_last_layer(name: str, side: int) -> None:
    with torch.device("meta"):
        model: Any = create(f"torchvision/{name}", num_classes=7)
        images = torch.zeros(2, 1, side, side)
    features = model.forward_features(images)
    assert features.shape == (2, model.head[-1].in_features)
    assert model.forward_head(features).shape == model.train()(images).shape == (2, 7)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_auxiliary_heads_are_left_out_with_published_weights_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import _api, get_model

    with torch.device("meta"):  # 100 MB otherwise
        published = get_model(name, init_weights=False).state_dict()
        monkeypatch.setattr(_api.WeightsEnum, "get_state_dict", lambda *_, **__: published)
        model: Any = create(f"torchvision/{name}", num_classes=7, in_chans=3, weights="DEFAULT").train()
        assert model(torch.zeros(2, 3, 80, 80)).shape == (2, 7)
    assert not [weight for weight, _ in model.named_parameters() if "aux" in weight.lower()]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("resnet19", {}, "unknown torchvision model 'resnet19': did you mean .*resnet18"),
        ("fasterrcnn_resnet50_fpn", {}, "unknown torchvision model"),  # no classifier
        ("resnet18", {"weights": "IMAGENET1K_V3"}, "unknown weights of torchvision/resnet18 .*did you mean"),
        ("resnet18", {"num_classes": 0}, "num_classes=0: expected a whole number"),
        ("squeezenet1_1", {}, "torchvision/squeezenet1_1 does not end in a linear layer"),
        ("googlenet", {"transform_input": True}, "in_chans=1: expected 3, for these weights come with"),
    ],
)
def test_bad_input_is_named(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words), torch.device("meta"):
        create(f"torchvision/{name}", **options)


def test_an_option_that_torchvision_does_not_have_is_named(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(SMALL, torch_home, monkeypatch)
    for weights in (None, "DEFAULT"):
        with pytest.raises(TypeError, match="unexpected keyword argument 'widht'"):
            create(f"torchvision/{SMALL}", weights=weights, widht=3)
