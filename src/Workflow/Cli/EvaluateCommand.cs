using System.CommandLine;
using System.Text.Json.Nodes;
using Trainer.Evaluation;

namespace Workflow.Cli;

/// <summary><c>evaluate --qrels FILE --run FILE</c>: metrics of a trec run file.</summary>
sealed class EvaluateCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var qrels = new Option<string>("--qrels") { Description = "Judgments: tab-separated query, document, grade (header or not), or trec's four columns", HelpName = "FILE", Required = true };
        var run = new Option<string>("--run") { Description = "Results in trec's six columns", HelpName = "FILE", Required = true };
        var profile = new Option<string>("--profile") { Description = "Conventions: trec (trec_eval) or sentence-transformers", DefaultValueFactory = _ => "trec" };
        profile.AcceptOnlyFromAmong("trec", "sentence-transformers");
        var complete = new Option<bool>("--complete") { Description = "Profile trec: count judged queries that the run lacks as 0" };
        var command = new Command("evaluate", "Score a trec run file against judgments") { qrels, run, profile, complete };
        command.SetAction(parse =>
        {
            var report = MetricCalculator.Evaluate(
                TrecFiles.ReadQrels(context.PathOf(parse.GetValue(qrels)!)),
                TrecFiles.ReadRun(context.PathOf(parse.GetValue(run)!)),
                MetricProfileNames.Parse(parse.GetValue(profile)!),
                parse.GetValue(complete));
            if (context.WantsJson(parse))
            {
                context.WriteJson(Json(report));
            }
            else
            {
                Print(report, context.Output);
            }

            return 0;
        });
        return command;
    }

    static JsonObject Json(MetricReport report)
    {
        var json = new JsonObject();
        foreach (var metric in report.Metrics)
        {
            json[metric.ToString()] = report.Mean(metric);
        }

        json["queries"] = report.Counts.Scored;
        json["judged"] = report.Counts.Judged;
        json["in_run"] = report.Counts.InRun;
        json["missing"] = report.Counts.Missing;
        json["unjudged"] = report.Counts.Unjudged;
        json["without_relevant"] = report.Counts.WithoutRelevant;
        json["profile"] = report.Profile.Name();
        json["complete"] = report.Complete;
        return json;
    }

    static void Print(MetricReport report, TextWriter output)
    {
        foreach (var metric in report.Metrics)
        {
            output.WriteLine($"{metric,-12} {report.Mean(metric):0.0000}");
        }

        var counts = report.Counts;
        output.WriteLine($"{counts.Scored} queries scored of {counts.Judged} judged and {counts.InRun} in the run ({counts.Missing} missing from the run, {counts.WithoutRelevant} without a relevant document); profile {report.Profile.Name()}.");
    }
}
