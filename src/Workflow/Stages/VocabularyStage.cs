using System.Globalization;
using DataPrep.Readers;
using DataPrep.Tables;
using DataPrep.Text;
using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>Kinds of tokenizers that are trained.</summary>
public enum VocabularyKind
{
    /// <summary>BERT's: words split into pieces by longest match, with [CLS] and [SEP] around a text.</summary>
    Wordpiece,

    /// <summary>Byte-level byte-pair encoding, RoBERTa's: no text is unknown to it.</summary>
    Bpe,

    /// <summary>SentencePiece's Unigram with XLM-R's ids: the likeliest pieces, for any script.</summary>
    Unigram,
}

/// <summary>Options of vocabulary.</summary>
public sealed record VocabularyStageOptions
{
    /// <summary>What is trained: wordpiece, bpe or unigram.</summary>
    /// <value>Default: wordpiece.</value>
    public VocabularyKind Kind { get; init; }

    /// <summary>Entries of the vocabulary, special tokens included; fewer come out where the texts have no more pairs.</summary>
    /// <value>Default: 20000.</value>
    public int VocabularySize { get; init; } = 20_000;

    /// <summary>Wordpiece and bpe: a pair of pieces is merged only while it occurs this often.</summary>
    /// <value>Default: 2.</value>
    public int MinFrequency { get; init; } = 2;

    /// <summary>Wordpiece: characters in the alphabet, the most frequent first; the others become unknown.</summary>
    /// <value>Default: 4000, enough for Chinese.</value>
    public int AlphabetLimit { get; init; } = 4000;

    /// <summary>Wordpiece: words of more characters than this are left out of the training.</summary>
    /// <value>Default: 64.</value>
    public int MaxTrainingWordLength { get; init; } = 64;

    /// <summary>Wordpiece: how text becomes words.</summary>
    public WordPieceSettings Settings { get; init; } = new();

    /// <summary>Bpe: how text becomes words.</summary>
    public BpeSettings Bpe { get; init; } = new();

    /// <summary>Unigram: share of the characters of the texts that the alphabet covers, the most frequent first; the others become unknown.</summary>
    /// <value>Default: 0.9995.</value>
    public double CharacterCoverage { get; init; } = 0.9995;

    /// <summary>
    /// Folder whose tokenizer is taken as it is, nothing being trained: tokenizer.json, vocab.txt, sentencepiece.bpe.model or vocab.json with merges.txt, and what goes with them.
    /// </summary>
    [FilePath]
    public string? Import { get; init; }
}

/// <summary>A tokenizer trained on the titles and contents of a corpus, or taken from a folder.</summary>
sealed class VocabularyStage : IStage
{
    public string Name => "vocabulary";

    public string Version => "1";

    public Type OptionsType => typeof(VocabularyStageOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("documents", ["documents"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["tokenizer"];

    public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan)
    {
        if (((VocabularyStageOptions)options).Import is not { } import)
        {
            return [];
        }

        // The folder was checked when the job was read; what it links to must stay inside too.
        var folder = Path.GetFullPath(import, plan.Root);
        return [.. TokenizerFiles.Find(folder, [folder, plan.Root]).OrderBy(static file => file.Key, StringComparer.Ordinal).Select(file => new ExternalFile(file.Value, file.Key, plan.Hash(file.Value)))];
    }

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (VocabularyStageOptions)context.Options;
        var folder = context.OutputFolder("tokenizer");
        var tokenizer = options.Import is null ? Train(context, options, folder, cancellationToken) : Take(context, folder);
        context.Meta("tokenizer", "vocabulary_size", tokenizer.VocabularySize.ToString(CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }

    static ITokenizer Train(StageContext context, VocabularyStageOptions options, string folder, CancellationToken cancellationToken)
    {
        if (context.Artifact("documents") is null)
        {
            throw new WorkflowException("A vocabulary is trained on documents: give `from: {documents: ...}`, or a tokenizer's folder with `import`.");
        }

        var texts = RowTables.Documents.Read(Composition.Tables(context), context.Paths("documents"), cancellationToken).SelectMany(d => new[] { d.Title, d.Content }).Where(t => t.Length > 0);
        if (options.Kind == VocabularyKind.Bpe)
        {
            var settings = new BpeTrainerOptions { VocabularySize = options.VocabularySize, MinFrequency = options.MinFrequency, Settings = options.Bpe };
            var bpe = BpeTrainer.Train(texts, settings, context.Threads, context.Reporter(), cancellationToken);
            BpeFiles.Save(bpe, folder);
            return bpe;
        }

        if (options.Kind == VocabularyKind.Unigram)
        {
            var settings = new UnigramTrainerOptions { VocabularySize = options.VocabularySize, CharacterCoverage = options.CharacterCoverage };
            var unigram = UnigramTrainer.Train(texts, settings, context.Threads, context.Reporter(), cancellationToken);
            UnigramFiles.Save(unigram, folder);
            return unigram;
        }

        var wordPiece = WordPieceTrainer.Train(
            texts,
            new WordPieceTrainerOptions
            {
                VocabularySize = options.VocabularySize,
                MinFrequency = options.MinFrequency,
                AlphabetLimit = options.AlphabetLimit,
                MaxTrainingWordLength = options.MaxTrainingWordLength,
                Settings = options.Settings,
            },
            context.Threads,
            context.Reporter(),
            cancellationToken);
        WordPieceFiles.Save(wordPiece, folder);
        return wordPiece;
    }

    static ITokenizer Take(StageContext context, string folder)
    {
        foreach (var file in context.Files)
        {
            using var bytes = new CorpusFile(file.Path, file.Name, file.Hash).Open();
            using var copy = File.Create(Path.Combine(folder, file.Name));
            bytes.CopyTo(copy);
        }

        return TokenizerFiles.Load(context.Files.ToDictionary(file => file.Name, file => file.Path, StringComparer.Ordinal), "the imported tokenizer");
    }
}
