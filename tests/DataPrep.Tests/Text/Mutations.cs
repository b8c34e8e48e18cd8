using System.Text.Json.Nodes;

namespace DataPrep.Tests.Text;

/// <summary>Seeded damage to files.</summary>
sealed class Mutations(int seed)
{
    readonly Random random = new(seed);

    public int Next(int below) => random.Next(below);

    /// <summary>Bytes changed, removed, added, moved or cut, a few times over; now and then bytes of chance alone.</summary>
    public byte[] Of(byte[] valid)
    {
        if (random.Next(50) == 0)
        {
            var noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = valid.ToList();
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            // Half of the changes fall near the start, where the structure is.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Count) : bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = random.Next(3) switch { 0 => (byte)0xFF, 1 => 0, _ => (byte)random.Next(256) };
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 9)));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 12)).Select(_ => (byte)random.Next(256)).ToArray());
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count), 1).Concat(bytes.Take(random.Next(40))).ToArray());
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>JSON whose values were replaced, removed or exchanged, a few times over.</summary>
    public JsonNode Of(JsonNode valid)
    {
        var root = valid.DeepClone();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var all = Descendants(root).ToList();
            if (all.Count == 0)
            {
                break;
            }

            var (parent, key, index) = all[random.Next(all.Count)];
            var other = all[random.Next(all.Count)];
            var value = random.Next(3) == 0 ? (other.Key is null ? other.Parent.AsArray()[other.Index] : other.Parent[other.Key])?.DeepClone() : Value();
            if (key is null && random.Next(4) == 0)
            {
                parent.AsArray().RemoveAt(index);
            }
            else if (key is null)
            {
                parent.AsArray()[index] = value;
            }
            else if (random.Next(4) == 0)
            {
                parent.AsObject().Remove(key);
            }
            else
            {
                parent[key] = value;
            }
        }

        return root;
    }

    JsonNode? Value() => random.Next(14) switch
    {
        0 => null,
        1 => -1,
        2 => int.MaxValue,
        3 => 1L << 40,
        4 => 1e300,
        5 => 0.5,
        6 => "",
        7 => new string((char)random.Next(0x20, 0xD000), random.Next(1, 3000)),
        8 => "[UNK]",
        9 => true,
        10 => new JsonArray(),
        11 => new JsonObject(),
        12 => new JsonArray(Enumerable.Range(0, 40).Select(n => (JsonNode)n).ToArray()),
        _ => random.Next(100),
    };

    static IEnumerable<(JsonNode Parent, string? Key, int Index)> Descendants(JsonNode node)
    {
        if (node is JsonObject members)
        {
            foreach (var (key, value) in members)
            {
                yield return (node, key, 0);
                foreach (var below in value is null ? [] : Descendants(value))
                {
                    yield return below;
                }
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                yield return (node, null, i);
                foreach (var below in items[i] is { } item ? Descendants(item) : [])
                {
                    yield return below;
                }
            }
        }
    }
}
