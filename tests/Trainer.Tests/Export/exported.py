"""Loads an exported folder by the rules of sentence-transformers and Transformers (neither is needed) and embeds token ids: argv = exchange folder, exported folder."""
import json
import os
import struct
import sys

import torch

exchange, folder = sys.argv[1:3]


def load_json(*names):
    with open(os.path.join(folder, *names), encoding="ascii") as file:
        return json.load(file)


def load_tensors(*names):
    with open(os.path.join(folder, *names), "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    assert header.pop("__metadata__")["format"] == "pt", "Transformers refuses files without a format"
    end, result = 0, {}
    for name, entry in header.items():
        begin, stop = entry["data_offsets"]
        assert begin == end and entry["dtype"] == "F32", (name, entry)
        result[name], end = torch.frombuffer(bytearray(data[begin:stop]), dtype=torch.float32).reshape(entry["shape"]), stop
    assert end == len(data)
    return result


def old_pooling(word_embedding_dimension, pooling_mode=None, pooling_mode_cls_token=False, pooling_mode_max_tokens=False, pooling_mode_mean_tokens=True,
                pooling_mode_mean_sqrt_len_tokens=False):
    """Keyword arguments of version 2.2: another one is a TypeError there."""
    chosen = [("cls", pooling_mode_cls_token), ("max", pooling_mode_max_tokens), ("mean", pooling_mode_mean_tokens), ("mean_sqrt_len", pooling_mode_mean_sqrt_len_tokens)]
    return word_embedding_dimension, [name for name, on in chosen if on]


def new_pooling(config):
    """How version 5.4 and later turn the boolean keys into one."""
    keys = {"pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max", "pooling_mode_mean_tokens": "mean", "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
            "pooling_mode_weightedmean_tokens": "weightedmean", "pooling_mode_lasttoken": "lasttoken"}
    rest = set(config) - set(keys) - {"word_embedding_dimension", "include_prompt"}
    assert not rest, rest
    return config["word_embedding_dimension"], [mode for key, mode in keys.items() if config.get(key, False)]


def old_transformer(max_seq_length=None, do_lower_case=False):
    return max_seq_length


def linear(weights, name, x):
    return torch.nn.functional.linear(x, weights[name + ".weight"], weights[name + ".bias"])


def norm(weights, name, x, epsilon):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"], epsilon)


def states(config, weights, ids):
    """Last hidden states of one text (L, D)."""
    epsilon, heads, length = config["layer_norm_eps"], config["num_attention_heads"], len(ids)
    if config["model_type"] == "xlm-roberta":
        real = ids.ne(config["pad_token_id"]).long()
        positions = real.cumsum(0) * real + config["pad_token_id"]
    else:
        positions = torch.arange(length)
    embeddings = {part: weights[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type")}
    x = embeddings["word"][ids] + embeddings["position"][positions] + embeddings["token_type"][torch.zeros_like(ids)]
    x = norm(weights, "embeddings.LayerNorm", x, epsilon)
    for i in range(config["num_hidden_layers"]):
        p = f"encoder.layer.{i}."
        q, k, v = (linear(weights, f"{p}attention.self.{part}", x).view(length, heads, -1).transpose(0, 1) for part in ("query", "key", "value"))
        share = torch.softmax(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5, -1)
        context = (share @ v).transpose(0, 1).reshape(length, -1)
        x = norm(weights, p + "attention.output.LayerNorm", linear(weights, p + "attention.output.dense", context) + x, epsilon)
        inner = torch.nn.functional.gelu(linear(weights, p + "intermediate.dense", x))
        x = norm(weights, p + "output.LayerNorm", linear(weights, p + "output.dense", inner) + x, epsilon)
    return x


def bare_norm(config, weights, name, x):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"] if config["norm_bias"] else None, config["norm_eps"])


def modern_states(config, weights, ids):
    """Last hidden states of one text (L, D) of ModernBERT, pairs of numbers turned as complex ones."""
    heads, length, biased = config["num_attention_heads"], len(ids), lambda name, key: weights[name + ".bias"] if config[key] else None
    share = config["hidden_size"] // heads
    distance = (torch.arange(length)[:, None] - torch.arange(length)).abs()
    x = bare_norm(config, weights, "embeddings.norm", weights["embeddings.tok_embeddings.weight"][ids])
    for i in range(config["num_hidden_layers"]):
        p, every = f"layers.{i}.", i % config["global_attn_every_n_layers"] == 0
        theta = config["global_rope_theta" if every else "local_rope_theta"]
        angles = torch.arange(length).float()[:, None] * (1.0 / theta ** (torch.arange(0, share, 2).float() / share))
        turn = torch.polar(torch.ones_like(angles), angles)
        inner = x if i == 0 else bare_norm(config, weights, p + "attn_norm", x)
        q, k, v = torch.nn.functional.linear(inner, weights[p + "attn.Wqkv.weight"], biased(p + "attn.Wqkv", "attention_bias")).view(length, 3, heads, share).permute(1, 2, 0, 3)
        q, k = (torch.complex(*part.chunk(2, -1)) * turn for part in (q, k))
        scores = (q @ k.conj().transpose(1, 2)).real / share ** 0.5
        if not every:
            scores = scores.masked_fill(distance > config["local_attention"] // 2, -torch.inf)
        context = (torch.softmax(scores, -1) @ v).transpose(0, 1).reshape(length, -1)
        x = x + torch.nn.functional.linear(context, weights[p + "attn.Wo.weight"], biased(p + "attn.Wo", "attention_bias"))
        value, gate = torch.nn.functional.linear(bare_norm(config, weights, p + "mlp_norm", x), weights[p + "mlp.Wi.weight"], biased(p + "mlp.Wi", "mlp_bias")).chunk(2, -1)
        x = x + torch.nn.functional.linear(torch.nn.functional.gelu(value) * gate, weights[p + "mlp.Wo.weight"], biased(p + "mlp.Wo", "mlp_bias"))
    return bare_norm(config, weights, "final_norm", x)


def pool(x, mode):
    position = torch.arange(1, len(x) + 1).unsqueeze(1).float()
    return {"cls": lambda: x[0], "max": lambda: x.max(0).values, "mean": lambda: x.mean(0), "mean_sqrt_len": lambda: x.sum(0) / len(x) ** 0.5,
            "weightedmean": lambda: (x * position).sum(0) / position.sum(), "lasttoken": lambda: x[-1]}[mode]()


def transformer(texts):
    config, weights, pooling = load_json("config.json"), load_tensors("model.safetensors"), load_json("1_Pooling", "config.json")
    assert config["architectures"] == [{"bert": "BertModel", "xlm-roberta": "XLMRobertaModel", "modernbert": "ModernBertModel"}[config["model_type"]]]
    longest = old_transformer(**load_json("sentence_bert_config.json"))
    width, modes = new_pooling(pooling)
    if modes[0] not in ("weightedmean", "lasttoken"):
        assert old_pooling(**pooling) == (width, modes)
    assert len(modes) == 1 and width == config["hidden_size"]
    assert all(len(ids) <= longest for ids in texts)
    layers = modern_states if config["model_type"] == "modernbert" else states
    return torch.stack([pool(layers(config, weights, ids), modes[0]) for ids in texts])


def static(texts, path):
    weights = load_tensors(path, "model.safetensors")
    assert list(weights) == ["embedding.weight"]
    with open(os.path.join(folder, path, "tokenizer.json"), encoding="utf8") as file:
        longest = json.load(file)["truncation"]["max_length"]
    assert all(len(ids) <= longest for ids in texts)
    bag = torch.nn.EmbeddingBag.from_pretrained(weights["embedding.weight"])
    offsets = torch.tensor([0] + [len(ids) for ids in texts[:-1]]).cumsum(0)
    return bag(torch.cat(texts), offsets)


def dense(vectors, path):
    """Dense's keyword arguments, and both forms of its weights: versions before 3.0 read pytorch_model.bin."""
    config, weights = load_json(path, "config.json"), load_tensors(path, "model.safetensors")
    assert set(config) == {"in_features", "out_features", "bias", "activation_function"}
    old = torch.load(os.path.join(folder, path, "pytorch_model.bin"), map_location="cpu")
    assert old.keys() == weights.keys() and all(torch.equal(old[name], weights[name]) for name in old)
    layer = torch.nn.Linear(config["in_features"], config["out_features"], bias=config["bias"])
    layer.load_state_dict({name.split(".")[1]: value for name, value in weights.items()})
    activation = {"torch.nn.modules.linear.Identity": torch.nn.Identity(), "torch.nn.modules.activation.Tanh": torch.nn.Tanh()}[config["activation_function"]]
    return activation(layer(vectors))


def embed(texts, role):
    vectors = None
    for index, module in enumerate(load_json("modules.json")):
        assert (module["idx"], module["name"]) == (index, str(index))
        package, _, kind = module["type"].rpartition(".")
        assert package == "sentence_transformers.models", package
        if kind == "Transformer":
            assert module["path"] == ""
            vectors = transformer(texts)
        elif kind == "StaticEmbedding":
            vectors = static(texts, module["path"])
        elif kind == "Router":
            router = load_json(module["path"], "router_config.json")
            assert set(router["parameters"]) == {"default_route", "allow_empty_key"} and router["parameters"]["default_route"] in router["structure"]
            (name,) = router["structure"][{"query": "query", "passage": "document"}[role]]
            assert router["types"][name] == "sentence_transformers.models.StaticEmbedding"
            vectors = static(texts, os.path.join(module["path"], name))
        elif kind == "Dense":
            vectors = dense(vectors, module["path"])
        elif kind == "Normalize":
            vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
        else:
            assert kind == "Pooling" and module["path"] == "1_Pooling"
    return vectors


settings = load_json("config_sentence_transformers.json")
assert settings["model_type"] == "SentenceTransformer" and settings["default_prompt_name"] is None and settings["similarity_fn_name"] in ("cosine", "dot")
assert set(settings["prompts"]) == {"query", "document", "passage"} and settings["prompts"]["document"] == settings["prompts"]["passage"]
for role in ("query", "passage"):
    with open(os.path.join(exchange, role + ".json")) as file:
        texts = [torch.tensor(ids, dtype=torch.long) for ids in json.load(file)]
    with torch.no_grad(), open(os.path.join(exchange, role + ".f32"), "wb") as file:
        file.write(embed(texts, role).numpy().tobytes())
