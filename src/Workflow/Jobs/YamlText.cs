using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Workflow.Jobs;

/// <summary>
/// YAML to nodes with places. Job files are read as hostile: size, depth and the nodes that aliases expand to are bounded, tags and several documents are refused.
/// </summary>
sealed class YamlText
{
    const int MaxBytes = 1 << 20;
    const int MaxDepth = 32;
    const int MaxNodes = 50_000;

    readonly string source;
    readonly FaultList faults;
    readonly Parser parser;
    readonly Dictionary<string, JobNode> anchors = new(StringComparer.Ordinal);
    int nodes;

    YamlText(string source, string text, FaultList faults)
    {
        this.source = source;
        this.faults = faults;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads a file; null where it cannot be read as one YAML document, with the reason among the faults.</summary>
    public static JobNode? ReadFile(string path, string source, FaultList faults)
    {
        var bytes = ReadBytes(path, source, faults);
        if (bytes is null)
        {
            return null;
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return Read(text.TrimStart('\uFEFF'), source, faults);
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes.AsSpan(0, Math.Min(bytes.Length, Math.Max(0, e.Index))).Count((byte)'\n');
            faults.Add(new NodeMark(source, line, 1), "", "found bytes that are not UTF-8; expected a UTF-8 text file.");
            return null;
        }
    }

    /// <summary>Reads text; null where it is no YAML document, with the reason among the faults.</summary>
    public static JobNode? Read(string text, string source, FaultList faults)
    {
        var reader = new YamlText(source, text, faults);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            faults.Add(reader.MarkOf(e.Start), "", $"found text that is not YAML: {e.Message.TrimEnd('.')}.");
        }
        catch (InvalidDataException e)
        {
            faults.Add(reader.Here, "", e.Message);
        }

        return null;
    }

    static byte[]? ReadBytes(string path, string source, FaultList faults)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= MaxBytes)
            {
                return bytes[..length];
            }

            faults.Add(new NodeMark(source, 1, 1), "", $"found a file of more than {MaxBytes / 1024} KiB; expected a job file, which is smaller.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new NodeMark(source, 1, 1), "", $"cannot be read: {e.Message}");
        }

        return null;
    }

    NodeMark Here => parser.Current is { } current ? MarkOf(current.Start) : new NodeMark(source, 1, 1);

    NodeMark MarkOf(Mark mark) => new(source, Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    JobNode? Document()
    {
        Take<StreamStart>();
        if (parser.Current is StreamEnd)
        {
            return null;
        }

        Take<DocumentStart>();
        var node = Node(0);
        Take<DocumentEnd>();
        if (parser.Current is DocumentStart)
        {
            faults.Add(Here, "", "found a second YAML document; expected one job per file.");
            return null;
        }

        return node;
    }

    void Take<T>()
    {
        if (parser.Current is null)
        {
            parser.MoveNext();
        }

        if (parser.Current is not T)
        {
            throw new InvalidDataException($"found {parser.Current?.GetType().Name}; expected {typeof(T).Name}.");
        }

        parser.MoveNext();
    }

    JobNode Node(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"found values nested more than {MaxDepth} deep.");
        }

        Count(1);
        var mark = Here;
        switch (parser.Current)
        {
            case AnchorAlias alias:
                parser.MoveNext();
                if (!anchors.TryGetValue(alias.Value.Value, out var anchored))
                {
                    throw new InvalidDataException($"found the alias '*{alias.Value}'; expected one whose anchor stands complete before it.");
                }

                Count(anchored.Size);
                return anchored.Copy();
            case Scalar scalar:
                parser.MoveNext();
                return Known(scalar, new JobScalar(mark, scalar.Value, scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)));
            case SequenceStart start:
                parser.MoveNext();
                var list = new JobList(mark);
                while (parser.Current is not SequenceEnd)
                {
                    list.Items.Add(Node(depth + 1));
                }

                parser.MoveNext();
                return Known(start, list);
            case MappingStart start:
                parser.MoveNext();
                var map = new JobMap(mark);
                while (parser.Current is not MappingEnd)
                {
                    Entry(map, depth);
                }

                parser.MoveNext();
                return Known(start, map);
            default:
                throw new InvalidDataException($"found {parser.Current?.GetType().Name}; expected a value.");
        }
    }

    void Entry(JobMap map, int depth)
    {
        var node = Node(depth + 1);
        var value = Node(depth + 1);
        if (node is not JobScalar key)
        {
            faults.Add(node, "", $"found {node.Shape} as a key; expected a name.");
        }
        else if (map.Find(key.Text) is not null)
        {
            faults.Add(key, key.Text, $"the key '{key.Text}' stands twice in one mapping; expected it once.");
        }
        else
        {
            map.Set(key, value);
        }
    }

    T Known<T>(NodeEvent start, T node)
        where T : JobNode
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
        {
            faults.Add(node, "", $"found the tag '{start.Tag.Value}'; expected a value without a tag.");
        }

        if (!start.Anchor.IsEmpty)
        {
            anchors[start.Anchor.Value] = node;
        }

        return node;
    }

    void Count(int more)
    {
        nodes += more;
        if (nodes > MaxNodes)
        {
            throw new InvalidDataException($"found more than {MaxNodes} values once aliases are expanded.");
        }
    }
}
