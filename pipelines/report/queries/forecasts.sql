select forecast_accuracy.team, forecast_accuracy.period, forecast_accuracy.reps, forecast_accuracy.reps_without_forecast,
    forecast_accuracy.forecast, forecast_accuracy.actual, forecast_accuracy.bias, forecast_accuracy.wape
from marts.forecast_accuracy
order by forecast_accuracy.team, forecast_accuracy.period
