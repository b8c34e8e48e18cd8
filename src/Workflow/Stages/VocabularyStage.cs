using System.Globalization;
using DataPrep.Tables;
using DataPrep.Text.WordPiece;

namespace Workflow.Stages;

/// <summary>A WordPiece tokenizer trained on the titles and contents of a corpus.</summary>
sealed class VocabularyStage : IStage
{
    public string Name => "vocabulary";

    public string Version => "1";

    public Type OptionsType => typeof(WordPieceTrainerOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("documents", ["documents"])];

    public IReadOnlyList<string> Outputs { get; } = ["tokenizer"];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var texts = RowTables.Documents.Read(Composition.Tables(context), context.Paths("documents"), cancellationToken).SelectMany(d => new[] { d.Title, d.Content }).Where(t => t.Length > 0);
        var tokenizer = WordPieceTrainer.Train(texts, (WordPieceTrainerOptions)context.Options, context.Threads, context.Reporter(), cancellationToken);
        WordPieceFiles.Save(tokenizer, context.OutputFolder("tokenizer"));
        context.Meta("tokenizer", "vocabulary_size", tokenizer.VocabularySize.ToString(CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}
