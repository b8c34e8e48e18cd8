using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Schedules;

public sealed class CronWordsTests
{
    [Theory]
    [InlineData("30 2 * * *", "at 02:30, every day")]
    [InlineData("30 2 * * MON-FRI", "at 02:30, on Monday to Friday")]
    [InlineData("0 9,17 * * *", "at 09:00 and 17:00, every day")]
    [InlineData("*/15 * * * *", "every 15 minutes")]
    [InlineData("* * * * *", "every minute")]
    [InlineData("0 * * * *", "every hour")]
    [InlineData("20 * * * *", "every hour, at minute 20")]
    [InlineData("0 */6 * * *", "every 6 hours")]
    [InlineData("15 */2 * * SUN", "every 2 hours, at minute 15, on Sunday")]
    [InlineData("*/20 2 * * *", "every 20 minutes of the hour from 02:00")]
    [InlineData("*/7 * * * *", "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour")]
    [InlineData("0 0 1 1 *", "at 00:00, on day 1 of the month, in January")]
    [InlineData("0 12 13 * FRI", "at 12:00, on day 13 of the month or on Friday")]
    [InlineData("0 0 */10 * MON", "at 00:00, on days 1, 11, 21 and 31 of the month where that is on Monday")]
    [InlineData("0 0 * * SAT,SUN", "at 00:00, on Saturday and Sunday")]
    [InlineData("0 3 * 6-8,12 *", "at 03:00, in June to August and December")]
    [InlineData("5,10 1-8 * * *", "at minutes 5 and 10 of the hours from 01:00 to 08:00, every day")]
    [InlineData("@weekly", "at 00:00, on Sunday")]
    public void Words_SayWhenItFires(string cron, string words) => Assert.Equal(words, CronWords.Of(CronExpression.Parse(cron)));
}
