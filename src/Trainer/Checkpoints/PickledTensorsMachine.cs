using System.Buffers.Binary;
using System.Text;

namespace Trainer.Checkpoints;

/// <summary>
/// Runs the few instructions that <c>torch.save</c> writes for a state dict of tensors, protocol 2. Nothing is called and nothing imported: the allowed names stand for
/// values of this program, and any other name or instruction is an error. Work and memory are bounded by the length of the program.
/// </summary>
sealed class PickledTensorsMachine(PickledTensorsArchive archive, byte[] program)
{
    static readonly Dictionary<string, SafetensorsType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = SafetensorsType.F32,
        ["torch.HalfStorage"] = SafetensorsType.F16,
        ["torch.BFloat16Storage"] = SafetensorsType.BF16,
    };

    static readonly string[] Functions = ["collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"];

    readonly List<object?> _stack = [];
    readonly List<int> _marks = [];
    readonly Dictionary<uint, object?> _memo = [];
    int _at;
    int _start;

    /// <summary>A part of a storage, which several tensors may share.</summary>
    public sealed record View(Storage Storage, long Offset, long[] Shape, long[] Strides);

    /// <summary>A member with elements of a type.</summary>
    public sealed record Storage(SafetensorsType Type, string Key, long Count);

    sealed record Name(string Text);

    /// <summary>The tensors of the state dict that the program makes.</summary>
    public Dictionary<string, View> Run()
    {
        for (var code = Next(); code != (byte)'.'; code = Next())
        {
            Step(code);
        }

        var tensors = new Dictionary<string, View>(StringComparer.Ordinal);
        foreach (var (name, value) in Pop() as Dictionary<string, object?> ?? throw Bad("it holds no state dict; expected names of tensors with their values"))
        {
            tensors.Add(name, value as View ?? throw Bad($"'{name}' is {Shown(value)}; expected a tensor"));
        }

        return tensors;
    }

    static string Shown(object? value) => value switch
    {
        null => "None",
        Dictionary<string, object?> => "a dict",
        object?[] => "a tuple",
        Name name => name.Text,
        string => "a text",
        View => "a tensor",
        Storage => "a storage",
        _ => $"{value}",
    };

    byte Next()
    {
        _start = _at;
        return Take(1)[0];
    }

    void Step(byte code)
    {
        switch (code)
        {
            case 0x80:
                var protocol = Take(1)[0];
                _ = protocol == 2 ? 0 : throw Bad($"it is a pickle of protocol {protocol}; expected 2, which torch.save writes");
                break;
            case (byte)'c': _stack.Add(Global(Line() + "." + Line())); break;
            case (byte)'q': _memo[Take(1)[0]] = Top(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top(); break;
            case (byte)'h': _stack.Add(Remembered(Take(1)[0])); break;
            case (byte)'j': _stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)')': _stack.Add(Array.Empty<object?>()); break;
            case (byte)'t': _stack.Add(SinceMark()); break;
            case 0x85 or 0x86 or 0x87: Tuple(code - 0x84); break;
            case (byte)'}': _stack.Add(new Dictionary<string, object?>(StringComparer.Ordinal)); break;
            case (byte)'s': SetItems([Pop(), Pop()], reversed: true); break;
            case (byte)'u': SetItems(SinceMark(), reversed: false); break;
            case (byte)'b': Build(); break;
            case (byte)'N': _stack.Add(null); break;
            case 0x88: _stack.Add(true); break;
            case 0x89: _stack.Add(false); break;
            case (byte)'K': _stack.Add((long)Take(1)[0]); break;
            case (byte)'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8a: _stack.Add(Long(Take(Take(1)[0]))); break;
            case (byte)'X': _stack.Add(Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case (byte)'Q': _stack.Add(Persistent(Pop())); break;
            case (byte)'R': Reduce(); break;
            default: throw Bad($"instruction 0x{code:x2} is none of those that torch.save writes for a state dict of tensors");
        }
    }

    Name Global(string name) => Storages.ContainsKey(name) || Functions.Contains(name)
        ? new Name(name)
        : throw Bad($"it names '{name}'; only a state dict of tensors is read ({string.Join(", ", Functions.Concat(Storages.Keys))}), and nothing in a file is ever run. Save module.state_dict() instead of a module");

    Storage Persistent(object? id) => id is object?[] { Length: 5 } parts && parts[0] is "storage" && parts[1] is Name { Text: var type } && Storages.TryGetValue(type, out var element)
        && parts[2] is string key && parts[3] is string && parts[4] is long count and >= 0
        ? new Storage(element, key, count)
        : throw Bad("it refers to something that is no storage of numbers");

    void Reduce()
    {
        var (arguments, function) = (Pop() as object?[], Pop() as Name);
        _stack.Add((function?.Text, arguments) switch
        {
            ("collections.OrderedDict", []) => new Dictionary<string, object?>(StringComparer.Ordinal),
            ("torch._utils._rebuild_tensor_v2", [Storage storage, long offset, object?[] shape, object?[] strides, bool, Dictionary<string, object?> { Count: 0 }, ..]) when arguments.Length <= 7 =>
                new View(storage, offset, Sizes(shape), Sizes(strides)),
            ("torch._utils._rebuild_parameter", [View view, bool, Dictionary<string, object?> { Count: 0 }]) => view,
            _ => throw Bad($"it calls {Shown(function)} in a way that torch.save does not"),
        });
    }

    // Attributes of an OrderedDict are notes of the module's version, which values do not depend on.
    void Build()
    {
        if (Pop() is not Dictionary<string, object?> || Top() is not Dictionary<string, object?>)
        {
            throw Bad("it sets the state of something that is no dict");
        }
    }

    void SetItems(object?[] items, bool reversed)
    {
        if (reversed)
        {
            Array.Reverse(items);
        }

        var target = Top() as Dictionary<string, object?> ?? throw Bad("it adds items to something that is no dict");
        if (items.Length % 2 != 0)
        {
            throw Bad("it adds a key without a value to a dict");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            var key = items[i] as string ?? throw Bad($"a dict has the key {Shown(items[i])}; expected a name");
            if (!target.TryAdd(key, items[i + 1]))
            {
                throw Bad($"'{key}' occurs twice in a dict");
            }
        }
    }

    long[] Sizes(object?[] values) => values.Length <= 64 && values.All(v => v is long)
        ? [.. values.Select(v => (long)v!)]
        : throw Bad("a tensor's shape is no list of at most 64 whole numbers");

    long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            throw Bad($"a number has {bytes.Length} bytes; expected at most 8");
        }

        long value = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    void Tuple(int length)
    {
        var items = new object?[length];
        for (var i = length - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        _stack.Add(items);
    }

    object?[] SinceMark()
    {
        if (_marks.Count == 0)
        {
            throw Bad("a mark is missing");
        }

        var items = _stack[_marks[^1]..].ToArray();
        _stack.RemoveRange(_marks[^1], items.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    object? Remembered(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Bad($"it recalls entry {index}, which it never kept");

    object? Top() => _stack.Count > (_marks.Count > 0 ? _marks[^1] : 0) ? _stack[^1] : throw Bad("a value is missing");

    object? Pop()
    {
        var value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(program.Length - _at))
        {
            throw Bad("it ends early");
        }

        _at += (int)count;
        return program.AsSpan(_at - (int)count, (int)count);
    }

    string Line()
    {
        var length = program.AsSpan(_at).IndexOf((byte)'\n');
        if (length is < 0 or > 256)
        {
            throw Bad("a name does not end");
        }

        var text = Encoding.UTF8.GetString(Take((uint)length));
        _at++;
        return text;
    }

    TrainerException Bad(string what) => archive.Bad($"data.pkl, byte {_start}: {what}");
}
