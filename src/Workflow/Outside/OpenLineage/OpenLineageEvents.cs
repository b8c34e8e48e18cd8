using System.Text.Json.Nodes;
using Workflow.Ledger;

namespace Workflow.Outside.OpenLineage;

/// <summary>Writes run events of OpenLineage 2-0-2 from the ledger: of runs, of attempts at their nodes, of nodes whose results were taken from earlier ones.</summary>
/// <param name="ns">Namespace of jobs and datasets.</param>
sealed class OpenLineageEvents(string ns)
{
    readonly Datasets datasets = new(ns);

    /// <summary>An event of a run.</summary>
    /// <param name="type">START, RUNNING, COMPLETE, ABORT, FAIL.</param>
    /// <param name="time">When.</param>
    /// <param name="run">The run.</param>
    /// <param name="part">The stretch of it.</param>
    /// <param name="state">The state it ended in, or null.</param>
    public JsonObject Run(string type, DateTimeOffset time, RunFacts run, RunPart part, string? state)
    {
        var facets = new JsonObject();
        if (run.NominalStart is { } start)
        {
            var nominal = new JsonObject { ["nominalStartTime"] = OutsideJson.Time(start) };
            if (run.NominalEnd is { } end)
            {
                nominal["nominalEndTime"] = OutsideJson.Time(end);
            }

            facets["nominalTime"] = Facets.Standard("NominalTimeRunFacet", nominal);
        }

        facets["processing_engine"] = Engine();
        facets["executionParameters"] = Facets.Standard("ExecutionParametersRunFacet", new JsonObject { ["parameters"] = Parameters([("seed", run.Seed.ToString()), ("threads", run.Threads.ToString())]) });
        facets["tags"] = Tags(run);
        facets["workflow_run"] = Facets.Own("RunFacet", Known(("run", run.RunId), ("part", part.Number), ("state", state), ("reason", run.Reason), ("resumeOf", run.ResumeOf)));
        if (type is "FAIL" or "ABORT")
        {
            facets["errorMessage"] = Error(run.Error ?? $"The run ended {state}.");
        }

        var job = new JsonObject { ["jobType"] = JobType("RUN") };
        if (run.Description.Length > 0)
        {
            job["documentation"] = Facets.Standard("DocumentationJobFacet", new JsonObject { ["description"] = run.Description });
        }

        return Event(type, time, part.Id, facets, run.Job, job, [], []);
    }

    /// <summary>An event of an attempt.</summary>
    /// <param name="db">The ledger.</param>
    /// <param name="type">START, RUNNING, COMPLETE, ABORT, FAIL.</param>
    /// <param name="time">When.</param>
    /// <param name="run">The run.</param>
    /// <param name="part">The stretch of it.</param>
    /// <param name="nodeId">The node.</param>
    /// <param name="epoch">The attempt's fence.</param>
    public JsonObject Attempt(LedgerConnection db, string type, DateTimeOffset time, RunFacts run, RunPart part, string nodeId, long epoch)
    {
        var node = LineageFactQueries.Attempt(db, run.RunId, nodeId, epoch);
        var ended = type is "COMPLETE" or "FAIL" or "ABORT";
        var facets = Common(run, part, node);
        facets["workflow_attempt"] = Facets.Own("AttemptRunFacet", Known(("run", run.RunId), ("node", nodeId), ("epoch", epoch), ("attempt", node.AttemptId), ("stage", node.Stage), ("uses", node.Uses),
            ("partition", node.PartitionKey), ("worker", node.Worker), ("resumedStep", node.ResumedStep), ("infraLosses", node.Losses), ("memoKey", node.MemoKey), ("exitKind", ended ? node.ExitKind : null)));
        if (type is "FAIL" or "ABORT")
        {
            facets["errorMessage"] = Error(node.Error ?? (type == "ABORT" ? "The attempt was stopped." : "The attempt ended without a result."));
        }

        var (inputs, read) = datasets.Inputs(db, run, nodeId, node);
        var outputs = type == "COMPLETE" && node.AttemptId is not null ? datasets.Outputs(run.Job, node, LineageFactQueries.Edges(db, node.AttemptId, "out"), read) : [];
        return Event(type, time, NameUuid.Attempt(run.RunId, nodeId, epoch), facets, Datasets.Job(run.Job, node.Stage, node.Kind), StageJob(), inputs, outputs);
    }

    /// <summary>An event of a node whose results are those of an earlier attempt: nothing ran, the versions are the same.</summary>
    /// <param name="db">The ledger.</param>
    /// <param name="type">START or COMPLETE.</param>
    /// <param name="time">When.</param>
    /// <param name="run">The run.</param>
    /// <param name="part">The stretch of it.</param>
    /// <param name="nodeId">The node.</param>
    /// <param name="seq">The event that tells of it.</param>
    /// <param name="attemptId">The attempt whose results they are.</param>
    public JsonObject Reuse(LedgerConnection db, string type, DateTimeOffset time, RunFacts run, RunPart part, string nodeId, long seq, string attemptId)
    {
        var node = LineageFactQueries.Attempt(db, run.RunId, nodeId, null);
        var (madeRun, madeNode, epoch) = db.First("SELECT run_id, node_id, epoch FROM attempt WHERE attempt_id=?1", r => (r.Text(0), r.Text(1), r.Number(2)), attemptId);
        var facets = Common(run, part, node);
        facets["workflow_cache"] = Facets.Own("CacheRunFacet", Known(("run", run.RunId), ("node", nodeId), ("stage", node.Stage), ("uses", node.Uses), ("partition", node.PartitionKey), ("memoKey", node.MemoKey),
            ("producedByRun", madeRun), ("producedByNode", madeNode), ("producedBy", madeRun is null ? null : NameUuid.Attempt(madeRun, madeNode, epoch).ToString())));
        var (inputs, read) = datasets.Inputs(db, run, nodeId, node);
        var outputs = type == "COMPLETE" ? datasets.Outputs(run.Job, node, LineageFactQueries.Edges(db, attemptId, "out"), read) : [];
        return Event(type, time, ReuseId(run.RunId, nodeId, seq), facets, Datasets.Job(run.Job, node.Stage, node.Kind), StageJob(), inputs, outputs);
    }

    /// <summary>Adds what a checkpoint tells of a training.</summary>
    public static void AddTraining(LedgerConnection db, JsonObject @event, string runId, string nodeId, long step)
    {
        var metrics = new JsonObject();
        foreach (var (key, value) in LineageFactQueries.Metrics(db, runId, nodeId, step).Where(m => double.IsFinite(m.Value)))
        {
            metrics[key] = value;
        }

        @event["run"]!["facets"]!["workflow_training"] = Facets.Own("TrainingRunFacet", new JsonObject { ["step"] = step, ["metrics"] = metrics });
    }

    /// <summary>Id of a node taken from an earlier attempt.</summary>
    public static Guid ReuseId(string runId, string nodeId, long seq) => NameUuid.Of(NameUuid.Run(runId), $"{nodeId}/reuse/{seq}");

    JsonObject Common(RunFacts run, RunPart part, AttemptFacts node)
    {
        var facets = new JsonObject
        {
            ["parent"] = Facets.Standard("ParentRunFacet", new JsonObject
            {
                ["run"] = new JsonObject { ["runId"] = part.Id.ToString() },
                ["job"] = new JsonObject { ["namespace"] = ns, ["name"] = run.Job },
                ["root"] = new JsonObject
                {
                    ["run"] = new JsonObject { ["runId"] = (run.RootRun == run.RunId ? part.Id : NameUuid.Run(run.RootRun)).ToString() },
                    ["job"] = new JsonObject { ["namespace"] = ns, ["name"] = run.RootJob },
                },
            }),
            ["processing_engine"] = Engine(),
        };
        if (node.Options is not null && JsonNode.Parse(node.Options) is JsonObject options)
        {
            facets["executionParameters"] = Facets.Standard("ExecutionParametersRunFacet", new JsonObject
            {
                ["parameters"] = Parameters(options.Select(o => (o.Key, o.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : o.Value?.ToJsonString(OutsideJson.Serializer) ?? "null"))),
            });
        }

        return facets;
    }

    JsonObject Event(string type, DateTimeOffset time, Guid id, JsonObject facets, string job, JsonObject jobFacets, JsonArray inputs, JsonArray outputs) => new()
    {
        ["eventTime"] = OutsideJson.Time(time),
        ["eventType"] = type,
        ["run"] = new JsonObject { ["runId"] = id.ToString(), ["facets"] = facets },
        ["job"] = new JsonObject { ["namespace"] = ns, ["name"] = job, ["facets"] = jobFacets },
        ["inputs"] = inputs,
        ["outputs"] = outputs,
        ["producer"] = Facets.Producer,
        ["schemaURL"] = Facets.RunEvent,
    };

    static JsonObject StageJob() => new() { ["jobType"] = JobType("STAGE") };

    static JsonObject JobType(string type) => Facets.Standard("JobTypeJobFacet", new JsonObject { ["processingType"] = "BATCH", ["integration"] = "WORKFLOW", ["jobType"] = type });

    static JsonObject Engine() => Facets.Standard("ProcessingEngineRunFacet", new JsonObject { ["name"] = "Workflow", ["version"] = ProgramVersion.Text, ["openlineageAdapterVersion"] = ProgramVersion.Text });

    static JsonObject Error(string message) => Facets.Standard("ErrorMessageRunFacet", new JsonObject { ["message"] = message, ["programmingLanguage"] = "C#" });

    static JsonObject Tags(RunFacts run)
    {
        var tags = new JsonArray();
        foreach (var (key, value) in new[] { ("trigger", run.Trigger), ("actor", run.Actor), ("schedule", run.Schedule), ("partition", run.PartitionKey) })
        {
            if (!string.IsNullOrEmpty(value))
            {
                tags.Add((JsonNode)new JsonObject { ["key"] = key, ["value"] = value, ["source"] = "WORKFLOW" });
            }
        }

        return Facets.Standard("TagsRunFacet", new JsonObject { ["tags"] = tags });
    }

    static JsonArray Parameters(IEnumerable<(string Key, string Value)> values) => new([.. values.Select(v => (JsonNode)new JsonObject { ["key"] = v.Key, ["value"] = v.Value })]);

    static JsonObject Known(params ReadOnlySpan<(string Key, object? Value)> values)
    {
        var known = new JsonObject();
        foreach (var (key, value) in values)
        {
            if (value is not (null or ""))
            {
                known[key] = value switch { long number => number, int number => number, var text => (string)text };
            }
        }

        return known;
    }
}
