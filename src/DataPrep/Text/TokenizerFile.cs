using System.Text.Json;

namespace DataPrep.Text;

/// <summary>A file of a tokenizer, opened with a limit on its size.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">What messages call it.</param>
sealed record TokenizerFile(string Path, string Name)
{
    // The largest in the field (262,144 pieces and as many merges) has 33 MB.
    const long MostBytes = 1 << 26;

    /// <summary>A file that messages call by its path.</summary>
    public TokenizerFile(string path)
        : this(path, path)
    {
    }

    /// <summary>All bytes.</summary>
    /// <exception cref="DataPrepException">There is no such file, it cannot be read, or it is too large.</exception>
    public byte[] Bytes()
    {
        try
        {
            using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            if (file.Length > MostBytes)
            {
                throw new DataPrepException($"{Name} has {file.Length} bytes. Expected a tokenizer's file of at most {MostBytes}.");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataPrepException($"{Name} cannot be read: {fault.Message} Expected a file of a tokenizer.", fault);
        }
    }

    /// <summary>The JSON object in it.</summary>
    /// <exception cref="DataPrepException">It is too large, no JSON, nested too deep, names a property twice, or is no object.</exception>
    public JsonDocument Json()
    {
        try
        {
            var document = JsonDocument.Parse(Bytes(), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("the root is no object.");
        }
        catch (JsonException fault)
        {
            throw new DataPrepException($"{Name} is no JSON of a tokenizer: {fault.Message} Expected a file that Hugging Face tokenizers writes.", fault);
        }
    }

    /// <summary>What a reader makes of JSON, with the faults of parts that are missing or of another type told as those of the file.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="kind">Kind of tokenizer that is read: "WordPiece".</param>
    /// <param name="read">The reader.</param>
    public static T Read<T>(string name, string kind, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentNullException or OverflowException)
        {
            throw new DataPrepException($"{name} is no {kind} tokenizer: {fault.Message} Expected a file that Hugging Face tokenizers writes.", fault);
        }
    }

    /// <summary>Lines of UTF-8 text, without their ends, one by one.</summary>
    public IEnumerable<string> Lines()
    {
        var text = System.Text.Encoding.UTF8.GetString(Bytes()).TrimEnd('\n');
        for (var start = 0; start <= text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            yield return text[start..end];
            start = end + 1;
        }
    }
}
