namespace Trainer.Losses;

/// <summary>Who is compared with whom in a contrastive loss. The pair sought is a query and its positive throughout.</summary>
public enum Direction
{
    /// <summary>Each query with all passages.</summary>
    QueryDoc,

    /// <summary>Each positive with all queries.</summary>
    DocQuery,

    /// <summary>Each query with all other queries.</summary>
    QueryQuery,

    /// <summary>Each positive with all passages that are not its own query's.</summary>
    DocDoc,
}
