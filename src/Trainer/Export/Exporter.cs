using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Trainer.Export;

/// <summary>
/// Makes of a model a folder that sentence-transformers, old and new, and Transformers load without code of ours. The folder is read again by an independent reader and 64 embeddings
/// are compared before it appears: it is there whole and right, or not at all. Equal models and options give equal bytes.
/// </summary>
public static class Exporter
{
    /// <summary>Name of the model card.</summary>
    public const string CardFile = "README.md";

    /// <summary>Writes the folder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="files">Its files: tokenizer and heads are taken as they are.</param>
    /// <param name="folder">Where it appears; it must not be there, or be empty.</param>
    /// <param name="options">Options.</param>
    /// <param name="card">What the model card tells of its making.</param>
    /// <param name="samples">Texts of the model's own field for the comparison; it has texts of its own for the rest.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancellationToken">Stops; nothing is left behind.</param>
    /// <exception cref="TrainerException">The folder is not empty, the model cannot be written in these formats, or what was written is not the model.</exception>
    public static ExportReport Export(
        EmbeddingModel model, FileSet files, string folder, ExportOptions options, ModelCardSources card, IEnumerable<string>? samples = null, int threads = 1, CancellationToken cancellationToken = default)
    {
        if (options.Heads && TransformerExport.Heads(files).Count == 0)
        {
            throw new TrainerException($"{files.Label} has neither a sparse nor a multi-vector head (sparse_linear, colbert_linear); expected one, as heads were asked for. Found: {string.Join(", ", files.Paths.Keys.Order(StringComparer.Ordinal))}.");
        }

        var (notes, texts, difference) = (new List<string>(), ExportSamples.With(samples ?? []), 0.0);
        var names = Whole(folder, temporary =>
        {
            notes = Write(temporary, model, files);
            File.WriteAllText(Path.Combine(temporary, CardFile), ModelCard.Text(model, options, card, notes, [.. TransformerExport.Heads(files)]));
            var sums = model.Encoder is StaticEncoder && !model.Config.Normalize;
            difference = ExportCheck.Compare(model, temporary, texts, directionOnly: sums, threads, cancellationToken);
        });
        return new ExportReport(names, model.Config.Dimensions, texts.Count, difference, notes);
    }

    /// <summary>Writes a folder that appears whole or not at all.</summary>
    /// <param name="folder">Where; it must not be there, or be empty.</param>
    /// <param name="write">Writes and checks a temporary one.</param>
    /// <returns>Names of its files.</returns>
    internal static IReadOnlyList<string> Whole(string folder, Action<string> write)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new TrainerException($"{folder} is there and not empty; expected a new folder. Name another one, or take it away first.");
        }

        var temporary = $"{folder}.partial";
        Remove(temporary);
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            var names = FileSet.FromFolder(temporary).Paths.Keys.Order(StringComparer.Ordinal).ToList();
            Remove(folder);
            Directory.Move(temporary, folder);
            return names;
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    static List<string> Write(string folder, EmbeddingModel model, FileSet files) => model.Encoder switch
    {
        StaticEncoder => StaticExport.Write(folder, model, files),
        ITransformerModel => TransformerExport.Write(folder, model, files),
        _ => throw new TrainerException($"{files.Label} is a model of type '{model.Encoder.Type}', which cannot be exported; expected static, {TransformerConfig.Known}."),
    };

    static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
