using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>Laws that hold for any schedule, any due times and any state of its runs: many seeded cases each.</summary>
public sealed class DecisionTests
{
    static readonly string[] crons = ["* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *", "15 3 1,15 * *", "0 12 * * MON-FRI", "5,35 8-17 * * *", "0 0 29 2 *"];
    static readonly string[] zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"];

    static DateTimeOffset Instant(Random random) => DateTimeOffset.Parse("2024-01-01T00:00Z").AddSeconds(random.Next(0, 3 * 365 * 86_400));

    static ScheduleRow Row(Random random, DateTimeOffset cursor) => new()
    {
        Key = $"job/{random.Next(100)}",
        Job = "job",
        Name = "s",
        File = "",
        Folder = "",
        Source = "add",
        Cron = crons[random.Next(crons.Length)],
        Zone = zones[random.Next(zones.Length)],
        Misfire = (Misfire)random.Next(3),
        Overlap = (Overlap)random.Next(4),
        Jitter = TimeSpan.FromSeconds(random.Next(3) == 0 ? random.Next(600) : 0),
        PausedReason = random.Next(8) == 0 ? "why" : null,
        PausedAt = cursor.AddHours(random.Next(48)),
        Cursor = cursor,
    };

    [Fact]
    public void Decision_HandlesAPrefixOfWhatIsDue_InOrder_EachOnce_AndLeavesOnlyWhatIsOwed()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var cursor = Instant(random);
            var row = Row(random, cursor);
            var now = cursor.AddMinutes(random.Next(3 * 1440));
            var (active, waiting) = (random.Next(3), random.Next(4) == 0);
            var due = row.Due(now).ToList();
            var intents = new Decision(row, now, TimeSpan.FromMinutes(1), active, waiting).OfTimes(due).Where(i => i.Outcome != "release").ToList();
            var told = $"seed {seed}: {row.Cron} {row.Misfire} {row.Overlap}, {due.Count} due, {active} active";

            Assert.True(due.Take(intents.Count).SequenceEqual(intents.Select(i => i.Nominal)), told);
            Assert.True(intents.Count == due.Count || (row.Misfire == Misfire.All && row.Overlap != Overlap.Allow), told);
            var fired = intents.Count(i => i.Outcome == "fired");
            if (row.Paused is not null)
            {
                Assert.All(intents, i => Assert.Equal(i.Nominal < row.PausedAt ? "missed" : "paused", i.Outcome));
            }
            else if (row.Overlap == Overlap.Allow)
            {
                var late = due.Count(t => now - row.RingOf(t) > TimeSpan.FromMinutes(1));
                Assert.Equal((told, row.Misfire switch { Misfire.Skip => due.Count - late, Misfire.Once => late > 0 ? 1 : due.Count, _ => due.Count }), (told, fired));
            }
            else if (row.Overlap is Overlap.Skip or Overlap.QueueOne)
            {
                Assert.True(fired <= (active > 0 || waiting ? 0 : 1), told);
                Assert.True(intents.Count(i => i.Outcome == "queued") <= (row.Overlap == Overlap.QueueOne ? 1 : 0), told);
            }
        }
    }

    [Fact]
    public void FireTimes_AreWholeMinutes_Ascending_TheSameFromWhereverTheyAreLookedAt()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var times = new FireTimes(CronExpression.Parse(crons[random.Next(crons.Length)]), ZoneClock.Of(zones[random.Next(zones.Length)]));
            var from = Instant(random);
            var all = times.After(from).Take(200).ToList();
            Assert.Equal(all.Distinct().Order(), all);
            Assert.All(all, t => Assert.True(t > from && t.ToUnixTimeSeconds() % 60 == 0));
            var middle = all[random.Next(150)].AddSeconds(random.Next(-30, 30));
            Assert.Equal(all.Where(t => t > middle), times.After(middle).TakeWhile(t => t <= all[^1]));
        }
    }

    [Fact]
    public void Jitter_StaysBelowItsBound_DiffersByKey_AndIsTheSameEachTime()
    {
        var nominal = DateTimeOffset.Parse("2026-03-01T02:30Z");
        var delays = Enumerable.Range(0, 500).Select(i => Jitter.Of($"job/{i}", nominal, TimeSpan.FromMinutes(5))).ToList();
        Assert.All(delays, d => Assert.InRange(d, TimeSpan.Zero, TimeSpan.FromSeconds(299)));
        Assert.True(delays.Distinct().Count() > 200);
        Assert.Equal(delays, Enumerable.Range(0, 500).Select(i => Jitter.Of($"job/{i}", nominal.ToOffset(TimeSpan.FromHours(3)), TimeSpan.FromMinutes(5))));
        Assert.Equal(TimeSpan.Zero, Jitter.Of("job/1", nominal, TimeSpan.Zero));
    }
}
