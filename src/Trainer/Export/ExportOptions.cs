using System.ComponentModel.DataAnnotations;

namespace Trainer.Export;

/// <summary>Options of an export.</summary>
public sealed record ExportOptions
{
    /// <summary>Title of the model card.</summary>
    /// <value>Default: Retrieval model.</value>
    [MaxLength(200)]
    public string Title { get; init; } = "Retrieval model";

    /// <summary>Name of the model it was trained from, as the hub names it (<c>intfloat/e5-base</c>); null where that is none or unknown.</summary>
    /// <value>Default: null.</value>
    [RegularExpression("[A-Za-z0-9_.-]{1,96}(/[A-Za-z0-9_.-]{1,96})?")]
    public string? BaseModel { get; init; }

    /// <summary>Refuses a model without a sparse or multi-vector head; heads that are there are always put beside it.</summary>
    /// <value>Default: false.</value>
    public bool Heads { get; init; }

    /// <summary>Of a model that a cascade trained, exports the cross-encoder beside it instead. A model that is a cross-encoder is exported as one without this.</summary>
    /// <value>Default: false.</value>
    public bool CrossEncoder { get; init; }
}
