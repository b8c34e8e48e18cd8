namespace Trainer.Training.Watching;

/// <summary>What the query side of pairs looks like.</summary>
public enum TaskKind
{
    /// <summary>A piece of the document finds the rest: titles, lead sentences, crops.</summary>
    TitleContent,

    /// <summary>What a person asks finds a document that answers: judged queries, questions.</summary>
    QueryDocument,
}
